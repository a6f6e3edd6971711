"""Writes of the refunds room, one command per file."""
