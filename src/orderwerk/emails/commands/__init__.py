"""Writes of the emails room, one command per file."""
