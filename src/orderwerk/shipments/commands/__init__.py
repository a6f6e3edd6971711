"""Writes of the shipments room, one command per file."""
