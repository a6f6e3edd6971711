"""What changes return requests, return reasons and return policies."""
