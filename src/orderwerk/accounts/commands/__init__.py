"""The writes of this room: people and API tokens."""
