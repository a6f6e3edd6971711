"""What a short pick says of the bin it was asked from."""

DAMAGED = "damaged"
# The first word of a reason says what kind of shortage it is; any other word counts as "other".
CAUSES = ("missing", DAMAGED, "other")


def cause_of(reason: str) -> str:
    """Return the kind of shortage that a reason tells of: what stands before its first colon."""
    word = reason.partition(":")[0].strip().lower()
    return word if word in CAUSES else "other"


def empties_bin(reason: str) -> bool:
    """Tell whether a shortage means that nothing can be taken from the bin any more.

    Only damaged pieces say nothing about the others beside them. Whoever could not find a piece, or not take it,
    has taken what there was to take: the bin is empty until somebody counts it.
    """
    return cause_of(reason) != DAMAGED
