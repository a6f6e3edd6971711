"""Owns: money that goes back to customers, always on a credit invoice and against a payment of the same order.

May import: invoices and below.
Console section: Refunds.
"""
