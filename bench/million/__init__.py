"""A shop's year with up to a million orders: made from one that the product's own commands have lived through."""
