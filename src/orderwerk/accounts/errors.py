"""Refusals of this room that more than one command raises."""

from orderwerk.core.errors import BadInput, Conflict, LimitExceeded, NotFound


def unknown_user(user_id: object) -> NotFound:
    """There is no such person."""
    return NotFound(f"There is no person {user_id}.", code="user_not_found")


def unknown_token(token_id: object) -> NotFound:
    """There is no such token."""
    return NotFound(f"There is no API token {token_id}.", code="token_not_found")


def username_taken(username: str) -> Conflict:
    """Somebody has this username already."""
    return Conflict(
        f"The username {username} is taken.", code="username_taken", pointer="/username"
    )


def email_taken(email: str) -> Conflict:
    """Somebody has this e-mail address already."""
    return Conflict(f"The e-mail address {email} is in use.", code="email_taken", pointer="/email")


def last_owner() -> LimitExceeded:
    """The last active owner cannot go: nobody could let anybody in again."""
    return LimitExceeded("There must be at least one active owner.", code="last_owner")


def unknown_place(kind: str, code: str) -> BadInput:
    """A shop or a location in the limits does not exist."""
    return BadInput(f"There is no {kind} {code}.", code=f"unknown_{kind}", pointer=f"/{kind}s")


def no_place(kind: str) -> BadInput:
    """Somebody limited to no shop, or to no location, would see nothing at all."""
    return BadInput(
        f"Choose at least one {kind}, or all of them.", code=f"no_{kind}", pointer=f"/{kind}s"
    )
