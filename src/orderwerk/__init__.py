"""Orderwerk: order management for webshops, from the placed order to the last refund."""

__version__ = "0.1.0"
