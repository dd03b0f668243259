"""How the desk answers: pages in one frame, and what was refused as a page too."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.lists import same_list
from backend.desk.sections import shown_to
from backend.domain.errors import Refused
from backend.domain.money import yuan
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.wording import minute, until
from backend.http.envelope import STATUS_OF_KIND, TROUBLE, http_refusal, request_id
from backend.http.frame import NOWHERE
from backend.http.parts import context, parts
from backend.services.people.whoami import grants_of, seats_of

# Everything comes from here, forms go back here, and nothing runs.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; " + NOWHERE.replace(
    "form-action 'none'", "form-action 'self'"
)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """The page of this template, in the frame that all have."""
    body = render_template(f"desk/{template}", **_frame(), **values)
    return make_response(body, status)


def go(endpoint: str, **values: Any) -> Redirect:
    """After a form was done: the page that shows it, so that reloading sends nothing again."""
    return redirect(url_for(endpoint, **values), 303)


def _frame() -> Mapping[str, Any]:
    someone = gate.someone()
    held: dict[Role, str] = {}
    if someone:
        with context().sessions() as tx:
            found = grants_of(tx, context(), someone)
            sits = seats_of(tx, context(), someone)
        held = {Role(grant.role): grant.role_name for grant in found}
        held |= {Role.COMMITTEE_MEMBER: ROLE_NAMES[Role.COMMITTEE_MEMBER]} if sits else {}
    return {
        "city_name": context().city.name,
        "offices": list(held.values()),
        "sections": shown_to(held) if someone else (),
        "signed_in": someone is not None,
        "form_word": gate.form_word() if someone else "",
        "sandbox": parts().sandbox,
        "now": context().clock(),
        "yuan": yuan,
        "until": until,
        "minute": minute,
        "same_list": same_list,
    }


def refused(error: Refused) -> Response | Redirect:
    """A rule said no: who is not signed in is led there, everybody else reads why."""
    if error.kind == "unauthenticated":
        if request.method == "GET":
            return redirect(url_for("entrance.sign_in", next=request.full_path), 303)
        return page("refused.html", 401, refusals=error.refusals, code=request_id())
    return page(
        "refused.html", STATUS_OF_KIND[error.kind], refusals=error.refusals, code=request_id()
    )


def _http(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or (error.code or 500) < 400:
        return error
    return page(
        "refused.html", error.code or 500, refusals=[http_refusal(error)], code=request_id()
    )


def _trouble(answer: Callable[[Any], Response], error: Exception) -> Response:
    """What the API would answer, as a page that asks the database nothing."""
    found = answer(error)
    words = json.loads(found.get_data())["errors"]
    response = make_response(
        render_template("desk/plain.html", refusals=words, code=request_id()), found.status_code
    )
    if "Retry-After" in found.headers:
        response.headers["Retry-After"] = found.headers["Retry-After"]
    return response


def _policy(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    # Without it a browser sends our own forms as coming from nowhere, and the gate refuses them.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def install(app: Flask) -> None:
    """Everything `app` refuses is a page; call it after `frame.install`."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, _http)
    for kind, answer in TROUBLE.items():
        app.register_error_handler(kind, partial(_trouble, answer))
    app.after_request(_policy)
