"""Stateful, hostile doubles of the outside world. Tests believe what moved here, not what we say of it."""
