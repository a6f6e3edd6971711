"""Writes of the shops room, one command per file."""
