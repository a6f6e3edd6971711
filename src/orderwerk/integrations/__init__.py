"""Owns: adapters for the outside world behind the rooms' ports.

May import: schemas and below.
Console section: none.
"""
