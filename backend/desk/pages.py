"""How the desk answers: pages in one frame, and what was refused as a page too."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.domain.errors import Refusal, Refused
from backend.domain.money import yuan
from backend.domain.wording import minute, until
from backend.http.envelope import STATUS_OF_KIND, http_refusal, request_id
from backend.http.frame import NOWHERE
from backend.http.parts import context, parts
from backend.seldom import logger_of
from backend.services.people.whoami import grants_of

log = logger_of("tibao.desk")

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
    offices: list[str] = []
    if someone:
        with context().sessions() as tx:
            found = grants_of(tx, context(), someone)
        offices = list(dict.fromkeys(grant.role_name for grant in found))
    return {
        "city_name": context().city.name,
        "offices": offices,
        "signed_in": someone is not None,
        "form_word": gate.form_word() if someone else "",
        "sandbox": parts().sandbox,
        "now": context().clock(),
        "yuan": yuan,
        "until": until,
        "minute": minute,
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


def _unavailable(error: OperationalError | PoolTimeout) -> Response:
    log.error("database, request %s: %s", request_id(), type(error).__name__)
    busy = Refusal("busy", "系统繁忙，刚才的操作没有办理，请稍后再试。")
    response = make_response(_plain(busy), 503)
    response.headers["Retry-After"] = "2"
    return response


def _unexpected(error: Exception) -> Response:
    log.error("unexpected, request %s", request_id(), exc_info=error)
    message = "系统出错，已记录，刚才的操作没有办理。请稍后再试或联系中心。"
    return make_response(_plain(Refusal("internal_error", message)), 500)


def _plain(refusal: Refusal) -> str:
    """Without anything that asks the database."""
    return render_template("desk/plain.html", refusal=refusal, code=request_id())


def _policy(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    return response


def install(app: Flask) -> None:
    """Everything `app` refuses is a page; call it after `frame.install`."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_policy)
