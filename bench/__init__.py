"""Measurements: each program prints one table; the figures stand in docs/reference/performance.md."""
