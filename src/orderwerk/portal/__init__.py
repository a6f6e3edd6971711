"""Owns: the pages that shoppers see: tracking, returns, withdrawal; and the count of wrong guesses at them.

May import: schemas, flows and every room.
Console section: none.
"""
