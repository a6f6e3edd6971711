"""Writes of the picklists room, one command per file."""
