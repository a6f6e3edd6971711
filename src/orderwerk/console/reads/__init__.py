"""Reads that only pages need, one file per room; each function runs a fixed number of statements."""
