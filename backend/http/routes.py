"""How a route is declared: who may call it, what it answers, and with which codes it refuses.

Each audience has one `Routes`. A route without a declaration cannot exist under /api/v1: this is
the only way in, and a test walks the finished app to make sure.
"""

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPMethod
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ParametersTuple
from flask_openapi3.utils import parse_parameters
from pydantic import BaseModel

from backend.domain.refusals import BY_KIND, BY_STATUS, IN_A_STEP_TOO
from backend.http.envelope import STATUS_OF_KIND
from backend.http.idempotent import OptionalKey, RequiredKey, answer_once
from backend.http.pages import AnyPageQuery
from backend.http.present import Asked
from backend.http.served import SMALL

PREFIX = "/api/v1"
JSON_LIMIT = SMALL

# Codes of `domain.refusals`, separated by blanks: what any step of a case can be refused for, …
STEP = (
    "not_found role_required not_the_applicant same_officer officer_is_party "
    "version_conflict step_not_possible evidence_missing"
)
# … what changes who is paid, who may what, or who comes in (`services.base.proof`), …
PROVED = "second_factor_missing second_factor_needed"
# … and any text that somebody writes.
WRITTEN = "text_required text_too_long text_characters_invalid"

# What follows from what a route takes.
SIGNED_IN = "login_required session_invalid"
ONCE = "idempotency_key_reused request_in_progress answer_withheld field_invalid"
READABLE = (
    "malformed_request field_missing field_unknown field_invalid text_too_short text_too_long"
)
SENT = (
    f"{READABLE} body_too_slow too_large unsupported_media_type object_expected list_too_short "
    "list_too_long value_out_of_range"
)
STATUS_OF = {code: STATUS_OF_KIND[kind] for kind, codes in BY_KIND.items() for code in codes} | {
    code: status for code, (status, _) in BY_STATUS.items()
}

Auth = Literal["public", "person"]
View = Callable[..., Response]
Answers = Mapping[int, type[BaseModel] | dict[str, Any] | None]


@dataclass(frozen=True)
class Declaration:
    """What the gate must know of a route before its view runs. `person` needs a session.

    `refuses` are the codes of `domain.refusals` that a caller may get, but for `busy` and
    `internal_error`, which any may.
    """

    auth: Auth
    takes_json: bool
    takes_form: bool
    max_body: int
    refuses: frozenset[str]

    @property
    def by_status(self) -> Mapping[int, Sequence[str]]:
        """The codes that the route refuses with, by HTTP status."""
        found: dict[int, list[str]] = {}
        for code in sorted(self.refuses):
            found.setdefault(STATUS_OF[code], []).append(code)
            if code in IN_A_STEP_TOO and "step_not_possible" in self.refuses:
                found.setdefault(STATUS_OF_KIND["conflict"], []).append(code)
        return found


# endpoint → declaration, filled while the route modules are imported.
DECLARATIONS: dict[str, Declaration] = {}


class DescribedLater(APIBlueprint):
    """A blueprint whose routes are described when somebody asks for it.

    The library does it at each import, from every model: sixteen megabytes, and a fourth of the
    time until the API answers.
    """

    def __init__(self, *names: Any, **options: Any) -> None:
        """As any blueprint with a description."""
        super().__init__(*names, **options)
        self._undescribed: list[Callable[[], object]] = []

    def _collect_openapi_info(self, rule: str, func: View, **words: Any) -> ParametersTuple:
        describe = super()._collect_openapi_info
        self._undescribed.append(partial(describe, rule, func, **words))
        brought = parse_parameters(func, doc_ui=False)
        header, _, _, query, form, *_ = brought
        assert all(issubclass(each, Asked) for each in (header, query, form) if each), rule
        return brought

    def describe(self) -> None:
        """Fill `paths`, `tags` and `components_schemas`, once."""
        while self._undescribed:
            self._undescribed.pop(0)()


class Routes:
    """The routes of one audience."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.blueprint = DescribedLater(
            name, __name__, url_prefix=PREFIX, abp_tags=[Tag(name=name, description=title)]
        )

    def get(
        self, rule: str, *, auth: Auth, answers: Answers, refuses: Sequence[str] = ()
    ) -> Callable[[View], View]:
        """A read. `answers` maps each success status to its model, None for no content.

        `refuses` are codes beyond those that follow from what the route takes; each text may name
        several.
        """
        return self._route(HTTPMethod.GET, rule, auth, answers, refuses=refuses)

    def post(
        self,
        rule: str,
        *,
        auth: Auth,
        answers: Answers,
        creates: bool = False,
        refuses: Sequence[str] = (),
        max_body: int = JSON_LIMIT,
    ) -> Callable[[View], View]:
        """A write. One that `creates` something requires an Idempotency-Key."""
        return self._route(
            HTTPMethod.POST,
            rule,
            auth,
            answers,
            creates=creates,
            refuses=refuses,
            max_body=max_body,
        )

    def delete(
        self, rule: str, *, auth: Auth, answers: Answers, refuses: Sequence[str] = ()
    ) -> Callable[[View], View]:
        """A removal."""
        return self._route(HTTPMethod.DELETE, rule, auth, answers, refuses=refuses)

    def _route(
        self,
        method: HTTPMethod,
        rule: str,
        auth: Auth,
        answers: Answers,
        *,
        creates: bool = False,
        refuses: Sequence[str] = (),
        max_body: int = JSON_LIMIT,
    ) -> Callable[[View], View]:
        def declare(view: View) -> View:
            hints = typing.get_type_hints(view)
            writes = method is not HTTPMethod.GET
            served = view
            if writes and auth == "person":
                served = answer_once(view, RequiredKey if creates else OptionalKey)
            codes = {code for words in refuses for code in words.split()}
            declared = Declaration(
                auth,
                "body" in hints,
                "form" in hints,
                max_body,
                frozenset(codes | _implied(method, auth, hints, creates)),
            )
            DECLARATIONS[f"{self.name}.{view.__name__}"] = declared
            # What they hold is the same everywhere and said once, by `description.complete`.
            refused = dict.fromkeys(sorted(declared.by_status))
            getattr(self.blueprint, method.lower())(
                rule,
                operation_id=view.__name__,
                responses={**refused, **answers},
                security=[{"session": []}] if auth == "person" else [],
            )(served)
            return view

        return declare


def _implied(method: HTTPMethod, auth: Auth, inputs: Mapping[str, Any], creates: bool) -> set[str]:
    """The codes that follow from what a route takes.

    `field_invalid` is always among them: flask-openapi3 would add a 422 of its own otherwise.
    """
    codes = ["field_invalid"]
    if auth == "person":
        codes.append(SIGNED_IN)
    if "path" in inputs:
        codes.append("not_found")
    if "query" in inputs:
        codes.append(READABLE)
        if issubclass(inputs["query"], AnyPageQuery):
            codes.append("cursor_invalid")
    if inputs.keys() & {"body", "form"}:
        codes.append(SENT)
    if method is not HTTPMethod.GET:
        codes.append("conflicts_with_records")
        if auth == "person":
            codes.append(ONCE)
            codes += ["field_missing"] if creates else []
    return {code for words in codes for code in words.split()}
