"""The world outside an installation, for trying: a webshop that sells and two payment providers with all their moods."""
