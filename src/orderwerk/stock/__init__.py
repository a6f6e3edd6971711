"""Owns: stock locations, bins, stock levels and the append-only stock movements.

May import: catalog, core.
Console section: Stock.
"""
