"""Owns: people, their roles, API tokens, and which shops and locations each may see.

May import: shops and below.
Console section: Settings.
"""
