"""Owns: what customers announce to send back, the merchant's reasons, and each shop's rules for returns.

May import: invoices and below.
Console section: Return requests.
"""
