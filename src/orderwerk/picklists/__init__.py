"""Owns: work orders to collect goods at one location in walking order.

May import: shipments and below.
Console section: Pick lists.
"""
