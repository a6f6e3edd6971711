"""Owns: stories that change several rooms at once, in one transaction.

May import: every room.
Console section: none.
"""
