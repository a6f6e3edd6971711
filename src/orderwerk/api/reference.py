"""The reference of the API for people and programs: django-ninja's pages over our own OpenAPI document."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import OpenAPISchema
from typing_extensions import override

from orderwerk import __version__
from orderwerk.api.endpoint import Answer, respond
from orderwerk.api.errors import Unauthorized
from orderwerk.api.insiders import may_look
from orderwerk.api.openapi import document

V = TypeVar("V", bound=Callable[..., Any])


def _guarded(view: V) -> V:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - passed on
        if not may_look(request):
            refusal = Unauthorized("The reference wants a token, a login, or this machine itself.")
            return respond(Answer.refused(refusal), with_body=request.method != "HEAD")
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    return cast("V", guarded)


class _Reference(NinjaAPI):
    """Serves the document and a page to browse it; the requests themselves go to our own views."""

    @override
    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return cast("OpenAPISchema", document())


reference = _Reference(
    title="Orderwerk",
    version=__version__,
    urls_namespace="api",
    docs=Swagger({"persistAuthorization": False, "defaultModelsExpandDepth": 0}),
    docs_decorator=_guarded,
)
