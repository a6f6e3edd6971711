"""A database that goes away: the answer says whether the request may have happened, and the repeat is safe."""

from collections.abc import Iterator

import pytest
from django.db import connection

from orderwerk.core import sql
from tests import build
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

_LOST_AT_COMMIT = """
create function lose_connection() returns trigger language plpgsql as $$
begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
create constraint trigger lose_connection after insert on orders_order deferrable initially deferred
  for each row execute function lose_connection();
"""
_WELL_AGAIN = "drop trigger if exists lose_connection on orders_order; drop function if exists lose_connection()"


@pytest.fixture
def lost_at_commit(world: build.World, api: Api) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(_LOST_AT_COMMIT)
    yield
    _well_again()


@pytest.fixture
def unreachable(world: build.World, api: Api) -> Iterator[None]:
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    yield
    connection.settings_dict["PORT"] = port
    connection.close()


def _well_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WELL_AGAIN)


@pytest.mark.usefixtures("lost_at_commit")
def test_a_connection_lost_while_it_commits_leaves_it_open_and_the_key_settles_it(
    api: Api, world: build.World
) -> None:
    document = world.json()

    response = api.post("/orders", document, key="k1")

    assert response.status_code == 503
    detail = response.json()["detail"]
    assert "It may have happened; repeat it under the same Idempotency-Key." in detail
    assert "Nothing happened" not in detail
    _well_again()
    assert api.post("/orders", document, key="k1").status_code == 201
    assert sql.fetch("select count(*) from orders_order") == [(1,)]


@pytest.mark.usefixtures("unreachable")
def test_where_connecting_fails_nothing_happened(api: Api, world: build.World) -> None:
    response = api.post("/orders", world.json(), key="k1")

    assert response.status_code == 503
    assert "Nothing happened" in response.json()["detail"]
