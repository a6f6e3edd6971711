"""What the filters of a template may cost: each pays for what it is given, out of one purse for the whole text.

The limits of the language look at what is stored and written, when it is there. A chain of filters makes gigabytes in between.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

from liquid import Environment
from liquid.exceptions import ResourceLimitError

# Signs and items: a letter of a hundred lines takes some thousands of them.
_MOST = 2_000_000
_spent: ContextVar[list[int]] = ContextVar("spent")


@contextmanager
def purse() -> Iterator[None]:
    """Give the filters of one text what they may spend."""
    token = _spent.set([0])
    try:
        yield
    finally:
        _spent.reset(token)


def limit_filters(environment: Environment) -> None:
    """Let every filter of an environment pay before it works; one that would pay too much raises a LiquidError."""
    for name, work in list(environment.filters.items()):
        environment.filters[name] = _paid(name, work)


def _paid(name: str, work: Callable[..., object]) -> Callable[..., object]:
    # What the language looks up on a filter (whether it wants the environment) comes along.
    @wraps(work)
    def run(value: object, *args: object, **named: object) -> object:
        _pay(_cost(name, value, (*args, *named.values())))
        return work(value, *args, **named)

    return run


def _pay(cost: int) -> None:
    spent = _spent.get()
    spent[0] += cost
    if spent[0] > _MOST:
        raise ResourceLimitError("filters do too much.", token=None)


def _cost(name: str, value: object, args: tuple[object, ...]) -> int:
    sizes = [_size(each) for each in args]
    own = _size(value)
    if name == "replace":
        # Each sign may become the whole of another text.
        return own * (1 + max(sizes, default=0))
    if name == "join":
        return own + _items(value) * max(sizes, default=1)
    if name == "date":
        # A format may ask for each of its signs to be two hundred and fifty-five wide.
        return own + 256 * max(sizes, default=1)
    if name == "strip_html":
        # Unclosed tags are looked through from each of them on.
        return own + own * own // 1000
    if name == "uniq":
        # It compares each with each.
        return own + _items(value) ** 2
    return 1 + own + sum(sizes)


def _items(value: object) -> int:
    return len(value) if isinstance(value, list | tuple | range) else 1


def _size(value: object) -> int:
    """Return how long it is as a text, nearly: filters write out whatever they are given, with all that lies in it."""
    size, todo = 0, [value]
    while todo and size <= _MOST:
        each = todo.pop()
        size += 1
        if isinstance(each, str | range):
            size += len(each)
        elif isinstance(each, int):
            size += each.bit_length()
        elif isinstance(each, Mapping):
            todo += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            todo += each
    return size
