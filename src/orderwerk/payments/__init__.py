"""Owns: payments as the providers report them.

May import: orders and below.
Console section: Orders.
"""
