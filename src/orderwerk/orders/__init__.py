"""Owns: orders and their lines, holds, totals and the derived status.

May import: accounts and below.
Console section: Orders.
"""
