"""Owns: the orderwerk command, one file per verb group.

May import: everything.
Console section: none.
"""
