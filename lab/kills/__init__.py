"""Kills processes of a running installation while shoppers and the warehouse work, and counts at the other side."""
