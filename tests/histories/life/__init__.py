"""The whole life of orders as random histories, many at once: bulk commands, a plain model, and every check at the end."""
