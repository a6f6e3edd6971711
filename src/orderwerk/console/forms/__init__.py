"""Forms: what the pages ask, and how it becomes the items of commands."""
