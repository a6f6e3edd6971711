"""Owns: products: what is sold, with sku, names, codes and measures.

May import: core.
Console section: Products.
"""
