"""Owns: the pages for people: orders, warehouse, settings.

May import: schemas and below.
Console section: all.
"""
