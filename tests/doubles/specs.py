"""Holds what goes over the wire against the provider's own OpenAPI document: what we send, and what a double answers.

Nothing is asked that the document does not know, nothing is answered that it does not know, and every value is of its kind and one of
its words. A double may leave out what nobody reads: what is required of the provider is not required of it.
"""

import gzip
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
import yaml

from tests.doubles.wire import Reply, Request

_WRONG_KEY = 401
_LOADERS = {"mollie": "openapi.json.gz", "stripe": "spec3.yaml.gz"}


@dataclass(frozen=True)
class Spec:
    """An OpenAPI document."""

    document: dict[str, Any]
    # To compile one takes a tenth of a second; by the identity of its schema, which lives as long as the document.
    _validators: dict[int, Any] = field(default_factory=dict, compare=False)

    def operation(self, request: Request) -> dict[str, Any]:
        """Return the operation of a request; there has to be one."""
        found = [
            item[request.method.lower()]
            for template, item in self.document["paths"].items()
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), request.path) and request.method.lower() in item
        ]  # fmt: skip
        assert found, f"{request.method} {request.path} is no operation of the document"
        # A path in full words before one with parameters.
        operation: dict[str, Any] = found[0]
        return operation

    def follow(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return what a reference points to."""
        while "$ref" in value:
            found: Any = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/")]
            value = found
        return value

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return what a value breaks of a schema of the document."""
        validator = self._validators.get(id(schema))
        if validator is None:
            whole = {
                **schema,
                "unevaluatedProperties": False,
                "components": self.document["components"],
            }
            validator = self._validators[id(schema)] = jsonschema_rs.validator_for(whole)
        return [f"{e.instance_path}: {e.message}"[:300] for e in validator.iter_errors(value)]


@cache
def spec(folder: Path, provider: str) -> Spec:
    """Read the document of a provider."""
    data = gzip.decompress((folder / provider / _LOADERS[provider]).read_bytes())
    if provider == "mollie":
        return Spec(_loosened(json.loads(data)))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Spec(_loosened(yaml.load(data, loader)))  # noqa: S506 - a safe loader, written in C


def _loosened(value: Any) -> Any:
    """Take away what is required, and write `nullable` of OpenAPI 3.0 as JSON Schema does."""
    if isinstance(value, list):
        return [_loosened(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _loosened(inner) for key, inner in value.items()}
    if isinstance(found.get("required"), list):
        del found["required"]
    if found.pop("nullable", None) is True:
        return {"anyOf": [found, {"type": "null"}]}
    return found


def broken(found: Spec, request: Request, reply: Reply) -> list[str]:
    """Return what a request, or the reply to it, breaks of the provider's document."""
    operation = found.operation(request)
    faults = [f"query {name}" for name, _ in request.query if name.split("[")[0] not in _names(found, operation)]  # fmt: skip
    if request.body and "requestBody" in operation:
        kinds = found.follow(operation["requestBody"])["content"]
        if "application/json" in kinds:
            faults += found.faults(kinds["application/json"]["schema"], json.loads(request.body))
        else:
            [form] = kinds.values()
            known = found.follow(form["schema"]).get("properties", {})
            sent = {name.split("[")[0] for name, _ in parse_qsl(request.body.decode())}
            faults += [f"form {name}" for name in sorted(sent - known.keys())]
    responses = operation["responses"]
    answer = responses.get(str(reply.status)) or responses.get("default")
    if answer is None:
        # A wrong key is refused everywhere, whether an operation says so or not.
        return faults if reply.status == _WRONG_KEY else [*faults, f"status {reply.status}"]
    content = found.follow(answer).get("content", {})
    if reply.body is not None and content:
        schema = next(iter(content.values()))["schema"]
        faults += found.faults(schema, reply.body)
    return [f"{request.method} {request.path} {reply.status}: {fault}" for fault in faults]


def _names(found: Spec, operation: dict[str, Any]) -> set[str]:
    return {found.follow(parameter)["name"].split("[")[0] for parameter in operation.get("parameters", [])}  # fmt: skip
