"""Owns: claims of order lines on stock at a location, and the rules that choose the location.

May import: payments, emails, memos and below.
Console section: Allocations.
"""
