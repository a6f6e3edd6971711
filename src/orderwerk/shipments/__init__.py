"""Owns: what leaves one location for one address, from open to delivered.

May import: allocations and below.
Console section: Shipments.
"""
