"""What a credit is made of, without a database."""

import pytest

from orderwerk.core.errors import LimitExceeded
from orderwerk.invoices.rules import share


def test_an_amount_is_shared_over_what_is_left_and_no_more_than_that() -> None:
    assert share(5, [4, 4]) == [3, 2]
    assert share(8, [4, 4]) == [4, 4]
    assert share(0, []) == []
    with pytest.raises(LimitExceeded):
        share(9, [4, 4])
