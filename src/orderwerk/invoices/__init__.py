"""Owns: debit and credit invoices, what was credited of them, and the documents that stand for them.

May import: picklists and below.
Console section: Invoices.
"""
