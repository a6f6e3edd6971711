"""Owns: messages to customers, kept as they were sent.

May import: orders and below.
Console section: Orders.
"""
