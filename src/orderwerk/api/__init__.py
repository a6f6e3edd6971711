"""Owns: the REST API: tokens, idempotency, problems, one endpoint per command.

May import: schemas and below.
Console section: none.
"""
