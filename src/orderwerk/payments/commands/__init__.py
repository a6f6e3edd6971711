"""Writes of the payments room, one command per file."""
