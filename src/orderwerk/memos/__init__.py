"""Owns: internal notes on an order, never shown to customers.

May import: orders and below.
Console section: Orders.
"""
