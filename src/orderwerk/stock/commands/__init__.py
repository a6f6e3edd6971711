"""Writes of the stock room, one command per file."""
