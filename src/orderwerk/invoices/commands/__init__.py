"""Writes of the invoices room, one command per file."""
