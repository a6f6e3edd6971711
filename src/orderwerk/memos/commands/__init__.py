"""Writes of the memos room, one command per file."""
