"""二次验证: the authenticator of an officer, enrolled with a drawn code, asked for, reset."""

from uuid import UUID

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.addresses import after
from backend.desk.pages import go, page
from backend.domain.desk_accounts import NOTED, in_fours
from backend.domain.errors import Refused
from backend.domain.normal import normal_code
from backend.domain.second_factor import TRIES
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.pictures.codes import code_path
from backend.services.people import passphrases, second_factors

routes = Blueprint("second_factor", __name__, url_prefix=gate.PREFIX)
FIELDS = frozenset({"digits", "noted"})


@routes.get("/second-factor")
def ask() -> Response:
    """The page that asks for six digits; with the code to scan for who has no authenticator."""
    return _asked("", 200)


@routes.post("/second-factor")
def answer() -> Response | Redirect:
    """Six digits: right, one goes on where one was; wrong, the page says so."""
    gate.check_form()
    me, digits = gate.me(), normal_code(request.form.get("digits", ""))
    noted = request.form.get("noted", "")
    try:
        if _has_one():
            second_factors.prove(context(), me, digits)
        else:
            second_factors.enrol(context(), me, gate.session_token(), digits, noted)
    except Refused as refused:
        if refused.refusals[0].field not in FIELDS:
            raise
        return _asked(refused.refusals[0].message, STATUS_OF_KIND[refused.kind])
    return redirect(after(), 303)


@routes.get("/second-factors")
def listed() -> Response:
    """Whose authenticators there are, for administrators."""
    factors = second_factors.list_factors(context(), gate.me())
    mine, done = gate.me().person_id, request.args.get("done") == "reset"
    return page("second_factors.html", factors=factors, mine=mine, done=done)


@routes.post("/second-factors/<uuid:person_id>/reset")
def reset(person_id: UUID) -> Redirect:
    """Take somebody's authenticator away, who lost it."""
    gate.check_form()
    second_factors.reset(context(), gate.me(), person_id)
    return go("second_factor.listed", done="reset")


def _has_one() -> bool:
    proof = gate.me().proof
    return proof is not None and proof.has_factor


def _asked(problem: str, status: int) -> Response:
    drawn, key, phrase = (0, ""), "", ""
    if not _has_one():
        secret = second_factors.new_secret(context(), gate.session_token())
        drawn = code_path(second_factors.enrolment_address(context(), secret))
        key = in_fours(secret)
        if passphrases.waits_for_one(context(), gate.me().person_id):
            phrase = in_fours(passphrases.new_phrase(context(), gate.session_token()))
    return page(
        "second_factor.html",
        status,
        problem=problem,
        enrolled=_has_one(),
        modules=drawn[0],
        path=drawn[1],
        secret=key,
        phrase=phrase,
        noted=NOTED,
        tries=TRIES,
        after=after(),
    )
