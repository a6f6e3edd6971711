"""Adapters for payment providers, on the providers' own clients; all their HTTP goes through core.http."""
