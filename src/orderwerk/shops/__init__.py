"""Owns: webshops whose orders come here: currency, sender, legal identity, series and policies.

May import: stock, catalog, core.
Console section: Settings.
"""
