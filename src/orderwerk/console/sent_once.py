"""Carries out a form once, however often the browser sends it: after a lost answer, a reload, a second click.

The page gives each form a key; the same key with the same entries is the same request, as with the API's Idempotency-Key.
Other entries under the key of an older page are another request. A page that is fetched anew, also by the back button, is a new form
that shows what has been done; it comes back empty (`autocomplete="off"`), so that nobody sends the old entries by mistake.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.utils.translation import gettext as _

from orderwerk.console.access import PersonRequest
from orderwerk.core import idempotency
from orderwerk.core.errors import Conflict, ensure
from orderwerk.core.idempotency import StoredAnswer
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work

FORM_KEY = "form_key"
# Whose keys of devices are: a handheld goes from hand to hand, and whoever holds it sends again what was not answered.
_DEVICES = UUID("6b1f2d0e-7c55-4b0a-9a53-0d6f3c1e8a27")
# How long the second of two clicks waits for the first.
_TRIES = 12
_PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Done:
    """Where a form that was carried out leads to, and what became of it: None when that had happened before."""

    url: str
    outcome: Outcome | None


def once(
    request: PersonRequest, act: Callable[[], Outcome], leads_to: Callable[[Outcome], str]
) -> Done:
    """Run a command for a form, in one transaction with the note that this form has been carried out.

    A form that comes again does nothing, says so in a toast, and leads to where it led before. Without a key of ours it is
    run as it is. Refuses as the command does; a refused form is not noted, so it may be corrected and sent again.
    """
    key = _key_of(request)
    if not key:
        outcome = act().require()
        return Done(leads_to(outcome), outcome)
    person = request.access.actor.id
    ensure(person is not None, "who is logged in has an id")
    digest = hashlib.sha256(key.encode()).digest()
    claim = _Claim(person, key, digest)  # type: ignore[arg-type] # ensured above
    done = _patiently(lambda: _noted(request, claim, act, leads_to))
    if done.outcome is None:
        messages.info(request, _("This form has been carried out before; nothing is done twice."))
    return done


def once_under(
    request: PersonRequest,
    key: UUID,
    said: bytes,
    act: Callable[[], Outcome],
    leads_to: Callable[[Outcome], str],
) -> Done:
    """Run a command for what a device sends under a key of its own until it is answered; else as `once`, without the toast.

    The key counts whoever is logged in: the answer to one may be lost, and another one sends the same again. Refuses with
    BadInput another content under a key that was answered.
    """
    digest = hashlib.sha256(request.path.encode() + b"\0" + said).digest()
    claim = _Claim(_DEVICES, f"sent {key}", digest)
    return _patiently(lambda: _noted(request, claim, act, leads_to))


def _key_of(request: PersonRequest) -> str:
    try:
        page = UUID(request.POST.get(FORM_KEY, ""))
    except ValueError:
        return ""
    said = [pair for pair in sorted(request.POST.lists()) if pair[0] not in {FORM_KEY, "csrfmiddlewaretoken"}]  # fmt: skip
    digest = hashlib.sha256(repr((request.path, said)).encode()).hexdigest()
    return f"form {page} {digest}"


def _patiently(work: Callable[[], Done]) -> Done:
    for _again in range(_TRIES):
        try:
            return retrying(work, also=(IntegrityError,))
        except Conflict as refusal:
            if refusal.code != "idempotency_key_in_use":
                raise
        time.sleep(_PAUSE_SECONDS)
    return retrying(work, also=(IntegrityError,))


@dataclass(frozen=True, slots=True)
class _Claim:
    """Under which key something is carried out once, whose key that is, and the digest of what came with it."""

    owner: UUID
    key: str
    digest: bytes


def _noted(
    request: PersonRequest,
    claim: _Claim,
    act: Callable[[], Outcome],
    leads_to: Callable[[Outcome], str],
) -> Done:
    with unit_of_work(request.access.actor):
        stored = idempotency.claim(claim.owner, claim.key, claim.digest)
        if stored is not None:
            return Done(stored.body.decode(), None)
        outcome = act().require()
        url = leads_to(outcome)
        answer = StoredAnswer(302, url.encode())
        idempotency.store(claim.owner, claim.key, claim.digest, answer)
    return Done(url, outcome)
