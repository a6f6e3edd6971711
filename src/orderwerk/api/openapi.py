"""The OpenAPI document, made from the same tables and Structs that serve the requests."""

from dataclasses import MISSING, fields
from functools import cache
from typing import Any

import msgspec

from orderwerk import __version__
from orderwerk.api.bulk import MOST_ITEMS
from orderwerk.api.commands import COMMANDS, Command
from orderwerk.api.errors import Problem
from orderwerk.api.overviews import OVERVIEWS, Overview
from orderwerk.api.papers import GATHERED, MISSING_HEADER, PAPERS, Gathered, Paper
from orderwerk.api.reads import Expecting, Last, Place, parameters
from orderwerk.api.resource import Resource
from orderwerk.api.resources import RESOURCES
from orderwerk.api.stock_resources import READ_STOCK
from orderwerk.core.keyset import MOST_ROWS
from orderwerk.orders.document import OrderDocument
from orderwerk.schemas.expected_returns import ExpectedReturns
from orderwerk.schemas.orders import Order
from orderwerk.schemas.records import Event
from orderwerk.schemas.trials import RoutingTrial
from orderwerk.schemas.waiting import OrderWaiting

Json = dict[str, Any]
_REF = "#/components/schemas/{name}"
_REASONS = {
    400: "The request cannot be read: broken JSON, a key that stands twice, a wrong encoding.",
    401: "No token, or one that is unknown, revoked or past its end.",
    403: "The token lacks the scope.",
    404: "There is no such object, or not for this token.",
    405: "This address does not know the method.",
    409: "The request is at odds with the present state.",
    413: "The body is too large.",
    415: "The body is not plain JSON.",
    422: "The request can be read but is not valid.",
    428: "An Idempotency-Key is required here.",
    429: "Too many requests; Retry-After says when to come back.",
}
_READING = (400, 401, 403, 404, 405, 422, 429)
_WRITING = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429)
_DESCRIPTION = (
    "Money is a decimal string in the order's currency, quantities are integers, instants are RFC 3339 with an offset, "
    "ids are UUIDs. Unknown fields are refused. Commands take 1 to 1,000 items; each is done or refused by itself. "
    "Errors are problem documents (RFC 9457) with stable codes. Send an Idempotency-Key with a POST and the same "
    "answer comes again for 30 days, without a second effect."
)


@cache
def _schemas() -> tuple[dict[Any, Json], Json]:
    kinds = [
        Problem,
        RoutingTrial,
        OrderWaiting,
        ExpectedReturns,
        *(overview.shape for overview in OVERVIEWS),
        *(r.shape for r in RESOURCES),
        *(c.item for c in COMMANDS),
    ]
    unique = list(dict.fromkeys(kinds))
    parts, components = msgspec.json.schema_components(unique, ref_template=_REF)
    return dict(zip(unique, parts, strict=True)), components


def _problems(statuses: tuple[int, ...]) -> Json:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _json_answer(description: str, schema: Json, headers: Json | None = None) -> Json:
    answer: Json = {"description": description, "content": {"application/json": {"schema": schema}}}
    return answer | ({"headers": headers} if headers else {})


def _operation(name: str, tag: str, summary: str, scopes: tuple[str, ...]) -> Json:
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": f"Scope: {' or '.join(f'`{scope}`' for scope in scopes)}.",
    }


def _first_line(doc: str | None) -> str:
    # What a command refuses is told by the answers; its own words for that are ours.
    return (doc or "").strip().splitlines()[0].partition("; refuses ")[0]


def _page_of(shape: type[Any]) -> Json:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": _schemas()[0][shape]},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
        },
    }


def _parameters(kind: type[Any], resource: Resource | None) -> list[Json]:
    return [
        {"name": field.name, "in": "query", "schema": _parameter_schema(field, resource)}
        for field in fields(kind)
    ]


def _parameter_schema(field: Any, resource: Resource | None) -> Json:  # noqa: ANN401 - a dataclass field
    if field.name == "limit":
        return {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": field.default}
    if resource is not None and field.name in resource.words:
        return {"type": "string", "enum": list(resource.words[field.name])}
    if resource is not None and field.name == "sort":
        return {"type": "string", "enum": list(resource.sorts), "default": field.default}
    schema = msgspec.json.schema(field.type)
    choices = [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]
    return dict(choices[0]) | (
        {} if field.default in (None, MISSING) else {"default": field.default}
    )


def _list_operation(resource: Resource) -> Json:
    name = resource.plural.replace("-", "_")
    return _operation(
        f"list_{name}",
        resource.plural,
        f"List {resource.plural.replace('-', ' ')}",
        resource.scopes,
    ) | {
        "parameters": _parameters(parameters(resource), resource),
        "responses": {"200": _json_answer("One page.", _page_of(resource.shape))}
        | _problems(_READING),
    }


def _one_operation(resource: Resource) -> Json:
    name = resource.plural.replace("-", "_")
    return _operation(
        f"read_{name}", resource.plural, _first_line(resource.shape.__doc__), resource.scopes
    ) | {
        "responses": {"200": _json_answer("The object.", _schemas()[0][resource.shape])}
        | _problems(_READING)
    }


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_REPLAYED = {
    "Idempotent-Replayed": {
        "description": "`true` when this is the stored answer of an earlier request with the same key.",
        "schema": {"type": "string"},
    }
}


def _bulk_operation(command: Command) -> Json:
    items = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_ITEMS,
        "items": _schemas()[0][command.item],
    }
    body = {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {"items": items},
    }
    statuses = (*_WRITING, 428) if command.needs_key else _WRITING
    answer = _json_answer(
        "A result per item, in their order.", {"$ref": _REF.format(name="BulkAnswer")}, _REPLAYED
    )
    name = f"{command.verb}_{command.plural}".replace("-", "_")
    return _operation(name, command.plural, _first_line(command.run.__doc__), command.scopes) | {
        "parameters": [_KEY | {"required": command.needs_key}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": answer} | _problems(statuses),
    }  # fmt: skip


def _intake_operation() -> Json:
    parts = _schemas()[0]
    return _operation("place_order", "orders", "Take in one order.", ("orders:write",)) | {
        "parameters": [_KEY | {"required": False}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": parts[OrderDocument]}}},
        "responses": {
            "201": _json_answer("The stored order.", parts[Order], _REPLAYED),
            "200": _json_answer("The same document was taken in before: the first order.", parts[Order], _REPLAYED),
        } | _problems(_WRITING),
    }  # fmt: skip


def _history_operation() -> Json:
    return _operation("list_order_events", "orders", "List an order's history, newest first", ("orders:read",)) | {
        "parameters": _parameters(Place, None),
        "responses": {"200": _json_answer("One page.", _page_of(Event))} | _problems(_READING),
    }  # fmt: skip


def _trial_operation() -> Json:
    summary = "Try a shop's draft of routing rules on its last orders; changes nothing"
    return _operation("try_routing_rules", "routing-rules", summary, ("settings:read",)) | {
        "parameters": _parameters(Last, None),
        "responses": {"200": _json_answer("What would differ.", _schemas()[0][RoutingTrial])}
        | _problems(_READING),
    }


def _expected_operation() -> Json:
    summary = "Say what open return requests let expect, by article and by day of announcing"
    answer = _json_answer("What is to come back.", _schemas()[0][ExpectedReturns])
    return _operation("expect_returns", "return-requests", summary, ("returns:read",)) | {
        "parameters": _parameters(Expecting, None),
        "responses": {"200": answer} | _problems(_READING),
    }


def _overview_operation(overview: Overview) -> Json:
    answer = _json_answer("What there is.", _schemas()[0][overview.shape])
    return _operation(overview.name, overview.plural, overview.summary, overview.scopes) | {
        "parameters": _parameters(overview.query, None),
        "responses": {"200": answer} | _problems(_READING),
    }


def _waiting_operation() -> Json:
    summary = "Say why pieces of an order wait, as routing sees it now; changes nothing"
    answer = _json_answer("Why they wait.", _schemas()[0][OrderWaiting])
    return _operation("explain_order_waiting", "orders", summary, READ_STOCK) | {
        "responses": {"200": answer} | _problems(_READING)
    }


def _paper_operation(paper: Paper) -> Json:
    file = {paper.kind: {"schema": {"type": "string", "contentEncoding": "binary"}}}
    verb = paper.verb or ("print" if paper.kind == "application/pdf" else "export")
    name = f"{verb}_{paper.plural}".replace("-", "_")
    return _operation(name, paper.plural, paper.summary, paper.scopes) | {
        "responses": {"200": {"description": "The file.", "content": file}}
        | _problems((*_READING, 409))
    }


def _gathered_operation(gathered: Gathered) -> Json:
    file = {gathered.kind: {"schema": {"type": "string", "contentEncoding": "binary"}}}
    answer: Json = {"description": "The file.", "content": file}
    if gathered.missing:
        count = {"schema": {"type": "integer"}, "description": gathered.missing}
        answer["headers"] = {MISSING_HEADER: count}
    return _operation(gathered.name, gathered.plural, gathered.summary, gathered.scopes) | {
        "responses": {"200": answer} | _problems((*_READING, 409)),
        "parameters": _named(gathered.query),
    }


def _named(query: type[Any]) -> list[Json]:
    return [
        {"name": field.name, "in": "query", "schema": {"type": "string"}} for field in fields(query)
    ]


def _bulk_answer() -> Json:
    problem = _schemas()[0][Problem]
    done = {
        "type": "object",
        "required": ["ok", "id"],
        "properties": {"ok": {"const": True}, "id": {"type": ["string", "null"]}},
        "description": "Done; further fields say what became of the item.",
    }
    refused = {
        "type": "object",
        "required": ["ok", "error"],
        "properties": {"ok": {"const": False}, "error": problem},
        "description": "Refused; nothing of this item was done.",
    }
    results = {"type": "array", "items": {"oneOf": [done, refused]}}
    return {"type": "object", "required": ["results"], "properties": {"results": results}}


def _paths() -> Json:
    key = [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
    ]
    paths: dict[str, Json] = {}
    for resource in RESOURCES:
        paths[f"/api/v1/{resource.plural}"] = {"get": _list_operation(resource)}
        if resource.one is not None:
            one = {"get": _one_operation(resource), "parameters": key}
            paths[f"/api/v1/{resource.plural}/{{id}}"] = one
    paths["/api/v1/orders"]["post"] = _intake_operation()
    paths["/api/v1/orders/{id}/events"] = {"get": _history_operation(), "parameters": key}
    paths["/api/v1/return-requests/expected"] = {"get": _expected_operation()}
    paths["/api/v1/orders/{id}/waiting"] = {"get": _waiting_operation(), "parameters": key}
    paths["/api/v1/routing-rules/{id}/try"] = {"get": _trial_operation(), "parameters": key}
    for overview in OVERVIEWS:
        of_one = {"parameters": key} if "{id}" in overview.ending else {}
        paths[f"/api/v1/{overview.address}"] = {"get": _overview_operation(overview), **of_one}
    for paper in PAPERS:
        address = f"/api/v1/{paper.plural}/{{id}}{paper.ending}"
        paths[address] = {"get": _paper_operation(paper), "parameters": key}
    for gathered in GATHERED:
        paths[f"/api/v1/{gathered.address}"] = {"get": _gathered_operation(gathered)}
    for command in COMMANDS:
        paths[f"/api/v1/{command.plural}/{command.verb}"] = {"post": _bulk_operation(command)}
    return paths


@cache
def document() -> Json:
    """Return the whole OpenAPI 3.1 document."""
    _, components = _schemas()
    problem = {"application/problem+json": {"schema": _schemas()[0][Problem]}}
    responses: dict[str, Json] = {
        str(status): {"description": reason, "content": problem}
        for status, reason in _REASONS.items()
    }
    responses["429"]["headers"] = {
        "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orderwerk", "version": __version__, "description": _DESCRIPTION},
        "paths": _paths(),
        "components": {
            "schemas": dict(sorted((components | {"BulkAnswer": _bulk_answer()}).items())),
            "responses": responses,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }
