"""What a text is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A message's subject and body, both Liquid; see docs/reference/email-texts.md for what they may name."""

    subject: str
    body: str
