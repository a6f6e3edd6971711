"""Writes of the allocations room, one command per file."""
