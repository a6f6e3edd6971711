"""What tests of payment providers share: both doubles, and a shop that is connected to each."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.conftest import enter
from tests.doubles.mollie import MollieDouble
from tests.doubles.shop import Connected, connect
from tests.doubles.specs import broken, spec
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

__all__ = ["enter"]
SHARED = os.environ.get("ORDERWERK_SHARED_DATA")
DOUBLES = {"mollie": MollieDouble, "stripe": StripeDouble}


@pytest.fixture(autouse=True)
def _patience(request: pytest.FixtureRequest, settings: Any) -> None:
    # Short only where a provider hangs on purpose: a busy machine takes seconds for an answer.
    hangs = "hang_" in request.node.name or request.node.get_closest_marker("hangs")
    settings.ORDERWERK_PROVIDER_PATIENCE = 2.0 if hangs else 20.0
    settings.ORDERWERK_PROVIDER_URLS = {}


@pytest.fixture(params=sorted(DOUBLES))
def shop(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[Connected]:
    """A shop at each provider in turn."""
    yield from _connected(request.param)


@pytest.fixture
def mollie(transactional_db: None) -> Iterator[Connected]:
    yield from _connected("mollie")


@pytest.fixture
def stripe(transactional_db: None) -> Iterator[Connected]:
    yield from _connected("stripe")


def _connected(provider: str) -> Iterator[Connected]:
    """A connected shop; in the end all that went over the wire is held against the provider's own document, where it is at hand."""
    with serving(DOUBLES[provider]()) as double:
        yield connect(provider, double)  # type: ignore[arg-type]
        if SHARED is not None:
            found = spec(Path(SHARED) / "specs", provider)
            faults = [fault for pair in double.exchanged for fault in broken(found, *pair)]
            assert faults == []
