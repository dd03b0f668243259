"""How a route is declared: who may call it, what it answers, and what it can refuse.

Each audience has one `Routes`. A route without a declaration cannot exist under /api/v1: this is
the only way in, and a test walks the finished app to make sure.
"""

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPMethod
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from backend.http.envelope import Errors
from backend.http.idempotent import OptionalKey, RequiredKey, answer_once

PREFIX = "/api/v1"
JSON_LIMIT = 64 * 1024

Auth = Literal["public", "person"]
View = Callable[..., Response]
Answers = Mapping[int, type[BaseModel] | dict[str, Any] | None]


@dataclass(frozen=True)
class Declaration:
    """What the gate must know of a route before its view runs. `person` needs a session."""

    auth: Auth
    takes_json: bool
    takes_form: bool
    max_body: int


# endpoint → declaration, filled while the route modules are imported.
DECLARATIONS: dict[str, Declaration] = {}


class Routes:
    """The routes of one audience."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.blueprint = APIBlueprint(
            name, __name__, url_prefix=PREFIX, abp_tags=[Tag(name=name, description=title)]
        )

    def get(self, rule: str, *, auth: Auth, answers: Answers) -> Callable[[View], View]:
        """A read. `answers` maps each success status to its model, None for no content."""
        return self._route(HTTPMethod.GET, rule, auth, answers)

    def post(
        self,
        rule: str,
        *,
        auth: Auth,
        answers: Answers,
        creates: bool = False,
        refuses: tuple[int, ...] = (),
        max_body: int = JSON_LIMIT,
    ) -> Callable[[View], View]:
        """A write. One that `creates` something requires an Idempotency-Key.

        `refuses` are statuses beyond those that follow from what the route takes.
        """
        return self._route(
            HTTPMethod.POST,
            rule,
            auth,
            answers,
            creates=creates,
            refuses=refuses,
            max_body=max_body,
        )

    def delete(self, rule: str, *, auth: Auth, answers: Answers) -> Callable[[View], View]:
        """A removal."""
        return self._route(HTTPMethod.DELETE, rule, auth, answers)

    def _route(
        self,
        method: HTTPMethod,
        rule: str,
        auth: Auth,
        answers: Answers,
        *,
        creates: bool = False,
        refuses: tuple[int, ...] = (),
        max_body: int = JSON_LIMIT,
    ) -> Callable[[View], View]:
        def declare(view: View) -> View:
            hints = typing.get_type_hints(view)
            writes = method is not HTTPMethod.GET
            served = view
            if writes and auth == "person":
                served = answer_once(view, RequiredKey if creates else OptionalKey)
            DECLARATIONS[f"{self.name}.{view.__name__}"] = Declaration(
                auth, "body" in hints, "form" in hints, max_body
            )
            getattr(self.blueprint, method.lower())(
                rule,
                operation_id=view.__name__,
                responses={
                    **_refusals(method, auth, set(hints)),
                    **dict.fromkeys(refuses, Errors),
                    **answers,
                },
                security=[{"session": []}] if auth == "person" else [],
            )(served)
            return view

        return declare


def _refusals(method: HTTPMethod, auth: Auth, inputs: set[str]) -> dict[int, type[Errors]]:
    """The refusals that a route can give, from what it takes."""
    statuses = {422}  # flask-openapi3 would add its own otherwise
    if auth == "person":
        statuses |= {401, 403}
    if "path" in inputs:
        statuses.add(404)
    if method is not HTTPMethod.GET:
        statuses.add(409)
    if inputs & {"body", "form"}:
        statuses |= {400, 413, 415}
    if "query" in inputs:
        statuses.add(400)
    return dict.fromkeys(sorted(statuses), Errors)
