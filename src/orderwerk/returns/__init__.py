"""Owns: goods that really came back, what becomes of them, and the way down to stock and credit invoices.

May import: return_requests and below.
Console section: Returns.
"""
