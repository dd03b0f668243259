"""How the desk answers: pages in one frame, and what was refused as a page too."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from flask import (
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Redirect

from backend.desk import drafts, gate
from backend.desk.addresses import form_page
from backend.desk.lists import same_list
from backend.desk.sections import section_of, shown_to
from backend.domain.errors import Refusal, Refused
from backend.domain.money import yuan
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.second_factor import ASKED
from backend.domain.wording import minute, until
from backend.http.envelope import STATUS_OF_KIND, TROUBLE, http_refusal, request_id
from backend.http.frame import NOWHERE
from backend.http.parts import context, parts
from backend.services.people.whoami import seats_of
from backend.services.reads.phone_search import READERS as FIND_PHONES

# Everything comes from here, forms go back here, and nothing runs but our one file of keys.
OWN = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
POLICY = OWN + NOWHERE.replace("form-action 'none'", "form-action 'self'")


def page(
    template: str, status: int = 200, shown_under: str | None = None, **values: Any
) -> Response:
    """The page of this template, in the frame that all have, which marks the section of its
    endpoint, or of the one that it is `shown_under`."""
    marked = section_of(shown_under or request.endpoint or "")
    body = render_template(f"desk/{template}", **_frame(), marked=marked, **values)
    return make_response(body, status)


def go(endpoint: str, **values: Any) -> Redirect:
    """After a form was done: the page that shows it, so that reloading sends nothing again."""
    return redirect(url_for(endpoint, **values), 303)


def _frame() -> Mapping[str, Any]:
    someone = gate.someone()
    held: dict[Role, str] = {}
    if someone:
        found, sits = gate.rights(), False
        if not found:
            with context().sessions() as tx:
                sits = bool(seats_of(tx, context(), someone))
        held = {Role(grant.role): grant.role_name for grant in found}
        held |= {role: ROLE_NAMES[role] for role in (Role.COMMITTEE_MEMBER,) if sits}
    at_work = someone is not None and not gate.must_prove(someone)
    return {
        "city_name": context().city.name,
        "offices": list(held.values()),
        "sections": shown_to(held) if at_work else (),
        "signed_in": someone is not None,
        "at_work": at_work,
        "keys_on": at_work and gate.keys_on(),
        "finds_phones": at_work and gate.holds(*FIND_PHONES),
        "find_key": uuid4().hex,
        "form_word": gate.form_word() if someone else "",
        "left_over": drafts.left_over() if someone else (),
        "sandbox": parts().sandbox,
        "now": context().clock(),
        "yuan": yuan,
        "until": until,
        "minute": minute,
        "same_list": same_list,
    }


def refused(error: Refused) -> Response | Redirect | HTTPException:
    """A rule said no: who is not signed in, or has to prove themselves again, is led there,
    everybody else reads why. Where even the form cannot be read, that is told."""
    try:
        elsewhere, written = _elsewhere(error), drafts.written()
    except HTTPException as unreadable:
        return _http(unreadable)
    if elsewhere:
        return redirect(elsewhere, 303)
    status = STATUS_OF_KIND[error.kind]
    return page(
        "refused.html",
        status,
        refusals=error.refusals,
        code=request_id(),
        written=written,
    )


def _elsewhere(error: Refused) -> str:
    """The page that leads on, from which one comes back to this one; what a form brought is kept
    for whom it was made for. Empty where a page says no instead."""
    proves = error.refusals[0].code in ASKED
    if not proves and error.kind != "unauthenticated":
        return ""
    asks = "second_factor.ask" if proves else "entrance.sign_in"
    if request.method == "GET":
        return url_for(asks, next=request.full_path.removesuffix("?"))
    author, someone = gate.author(), gate.someone()
    if author is None:  # no form of ours
        return ""
    words_wait = drafts.keep()
    if proves or someone is None:
        back = drafts.waits_at(form_page()) if words_wait else form_page()
        return url_for(asks, next=back, kept="1" if words_wait else None)
    is_theirs = words_wait and author.person_id == someone.person_id
    return drafts.waits_at(form_page()) if is_theirs else ""


def leads_elsewhere(error: Refused) -> bool:
    """Whether a refusal is not told beside the form, but by another page."""
    return error.kind in ("unauthenticated", "missing") or error.refusals[0].code in ASKED


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


def page_of_refusal(app: Flask, refusal: Refusal, of_request: str) -> tuple[str, str, str]:
    """What never came to the app, as a page too: how `http.served` is told to say it."""
    with app.test_request_context():
        body = render_template("desk/plain.html", refusals=[refusal], code=of_request)
    return "text/html; charset=utf-8", POLICY, body


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
