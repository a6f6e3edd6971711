"""Owns: what must never be false, as SQL that shares no code with the writers, and the runner of `orderwerk check`.

May import: core.
Console section: none.
"""
