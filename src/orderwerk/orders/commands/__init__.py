"""Writes of the orders room, one command per file."""
