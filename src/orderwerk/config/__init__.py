"""Owns: settings, entry points, the supervisor and the embedded PostgreSQL.

May import: routes and below.
Console section: none.
"""
