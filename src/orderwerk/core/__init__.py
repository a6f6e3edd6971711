"""Owns: the ground under every room: unit of work, events, jobs, effects, money, clock, errors; no business words.

May import: nothing of Orderwerk.
Console section: none.
"""
