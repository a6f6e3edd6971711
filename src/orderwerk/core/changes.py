"""Compares a stored thing with a wanted one, for events that name old and new values."""

from collections.abc import Mapping
from typing import Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the fields of `new` that differ from `old`, each as [old value, new value]."""
    return {name: [old.get(name), value] for name, value in new.items() if old.get(name) != value}
