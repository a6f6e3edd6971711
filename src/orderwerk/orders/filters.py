"""What filters of rules ask about an order: beginnings of postal codes, bounds, words; pure."""


def begins(postal_code: str, start: str) -> bool:
    """Tell whether a postal code begins so, however either is spaced."""
    return postal_code.replace(" ", "").upper().startswith(start.replace(" ", "").upper())


def within(value: int, least: int | None, most: int | None) -> bool:
    """Tell whether a value lies within bounds; None: no bound."""
    return (least is None or value >= least) and (most is None or value <= most)
