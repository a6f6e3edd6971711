"""What tests of returns share with those of the console: a person who comes in."""

from tests.console.conftest import enter

__all__ = ["enter"]
