"""Owns: the one public JSON shape of every object.

May import: flows and below.
Console section: none.
"""
