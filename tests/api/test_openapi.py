"""The OpenAPI document: complete, valid, and nothing the API answers is outside of it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from orderwerk.api.commands import COMMANDS
from orderwerk.api.openapi import document
from orderwerk.api.resources import RESOURCES
from orderwerk.config.wsgi import application
from tests import build
from tests.api.conftest import caller

schema = schemathesis.openapi.from_dict(document())
schema.app = application


@pytest.fixture
def token(db: None) -> Iterator[str]:
    # As Django's own test client does: the test's transaction outlives each request.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    world = build.world()
    world.place()
    yield caller(shops=(world.shop,)).headers["Authorization"]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
def test_the_document_is_what_the_tables_say() -> None:
    found = Client().get("/api/v1/openapi.json").json()

    assert found == json.loads(json.dumps(document()))
    assert found["openapi"] == "3.1.0"
    for command in COMMANDS:
        assert "post" in found["paths"][f"/api/v1/{command.plural}/{command.verb}"]
    for resource in RESOURCES:
        assert "get" in found["paths"][f"/api/v1/{resource.plural}"]
    references = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(found)))
    for kind, name in references:
        assert name in found["components"][kind]
    operations = [
        o for path in found["paths"].values() for m, o in path.items() if m in ("get", "post")
    ]
    assert len({o["operationId"] for o in operations}) == len(operations)
    for operation in operations:
        assert {"401", "403", "404", "422", "429"} <= set(operation["responses"]), operation[
            "operationId"
        ]


@pytest.mark.django_db
@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_that_is_sent_breaks_anything(case: Any, token: str) -> None:
    response = case.call(headers={"Authorization": token})

    case.validate_response(
        response,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )
