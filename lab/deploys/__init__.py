"""New versions come while people work: machines are restarted one after the other, and tables change under them."""
