"""Writes of the returns room, one command per file."""
