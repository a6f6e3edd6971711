"""What tests of payment providers share: both doubles, and a shop that is connected to each."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.console.conftest import enter
from tests.doubles.mollie import MollieDouble
from tests.doubles.shop import Connected, connect
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

__all__ = ["enter"]
DOUBLES = {"mollie": MollieDouble, "stripe": StripeDouble}


@pytest.fixture(autouse=True)
def _impatient(settings: Any) -> None:
    settings.ORDERWERK_PROVIDER_PATIENCE = 2.0
    settings.ORDERWERK_PROVIDER_URLS = {}


@pytest.fixture(params=sorted(DOUBLES))
def shop(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[Connected]:
    """A shop at each provider in turn."""
    with serving(DOUBLES[request.param]()) as double:
        yield connect(request.param, double)  # type: ignore[arg-type]


@pytest.fixture
def mollie(transactional_db: None) -> Iterator[Connected]:
    with serving(MollieDouble()) as double:
        yield connect("mollie", double)  # type: ignore[arg-type]


@pytest.fixture
def stripe(transactional_db: None) -> Iterator[Connected]:
    with serving(StripeDouble()) as double:
        yield connect("stripe", double)  # type: ignore[arg-type]
