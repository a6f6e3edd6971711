"""Checks of single fields of people and tokens, shared by the commands that write them."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from orderwerk.accounts import rules
from orderwerk.accounts.models import Language, Role, Theme
from orderwerk.core.errors import BadInput
from orderwerk.core.text import check_clean

_LONGEST_NAME = 120
_LONGEST_EMAIL = 254


def _line(text: str, longest: int, pointer: str) -> str:
    """Return one line of text, stripped."""
    check_clean(text, pointer)
    if len(text) > longest or any(mark in text for mark in "\r\n\t"):
        raise BadInput(
            f"This is one line of at most {longest} characters.", code="too_long", pointer=pointer
        )
    return text.strip()


def checked_name(name: str) -> str:
    """Return a name of a person or token; refuses (BadInput) an empty one."""
    clean = _line(name, _LONGEST_NAME, "/name")
    if not clean:
        raise BadInput("A name is needed.", code="required", pointer="/name")
    return clean


def checked_username(username: str) -> str:
    """Return a username in lower case; refuses (BadInput) what cannot be one."""
    clean = username.strip().lower()
    if not rules.is_username(clean):
        raise BadInput(
            "A username has 1 to 64 letters, digits or . _ @ + - and starts with a letter or digit.",
            code="invalid_username",
            pointer="/username",
        )
    return clean


def checked_email(email: str) -> str:
    """Return an e-mail address, or "" for none; refuses (BadInput) what is not one."""
    clean = _line(email, _LONGEST_EMAIL, "/email")
    if clean:
        try:
            validate_email(clean)
        except ValidationError as error:
            raise BadInput(
                f"{clean} is not an e-mail address.", code="invalid_email", pointer="/email"
            ) from error
    return clean


def _checked_word(word: str, words: list[str], field: str) -> str:
    if word not in words:
        raise BadInput(
            f"{word!r} is not a {field}; choose {', '.join(words)}.",
            code=f"unknown_{field}",
            pointer=f"/{field}",
        )
    return word


def checked_role(role: str) -> str:
    """Return a role; refuses (BadInput) an unknown one."""
    return _checked_word(role, Role.values, "role")


def checked_language(language: str) -> str:
    """Return a language of the console; refuses (BadInput) an unknown one."""
    return _checked_word(language, Language.values, "language")


def checked_theme(theme: str) -> str:
    """Return a theme; refuses (BadInput) an unknown one."""
    return _checked_word(theme, Theme.values, "theme")


def checked_scopes(scopes: tuple[str, ...]) -> list[str]:
    """Return scopes in their own order, each once; refuses (BadInput) none at all and unknown ones."""
    unknown = sorted(set(scopes) - set(rules.SCOPES))
    if unknown or not scopes:
        said = f"{unknown[0]!r} is not a scope" if unknown else "A token needs at least one scope"
        raise BadInput(
            f"{said}; choose from {', '.join(rules.SCOPES)}.",
            code="unknown_scope",
            pointer="/scopes",
        )
    return [scope for scope in rules.SCOPES if scope in scopes]


def checked_password(password: str) -> str:
    """Return a password; refuses (BadInput) one that is too short, too common or only digits."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise BadInput(
            " ".join(error.messages), code="weak_password", pointer="/password"
        ) from error
    return password
