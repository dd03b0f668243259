"""我的登录: where this person is signed in, on PCs and phones, and ending it there."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.pages import go, page
from backend.http.parts import context
from backend.services.people import own_sessions

routes = Blueprint("sessions", __name__, url_prefix=f"{gate.PREFIX}/sessions")
A_YEAR = timedelta(days=365)


@routes.get("")
def mine() -> Response:
    """All of them, the newest first."""
    done = request.args.get("done") == "ended"
    found = own_sessions.my_sessions(context(), gate.me())
    return page("sessions.html", sessions=found, done=done)


@routes.post("/keys")
def switch_keys() -> Redirect:
    """Letters alone are keys in this browser, or no longer, as the form says: a voice that types
    would press them."""
    gate.check_form()
    answer = go("sessions.mine")
    wanted = gate.OFF if request.form.get("to") == gate.OFF else gate.ON
    gate.set_cookie(answer, wanted, gate.KEYS, A_YEAR)
    return answer


@routes.post("/<uuid:session_id>/end")
def end(session_id: UUID) -> Redirect:
    """Nobody works on there any more."""
    gate.check_form()
    own_sessions.end_session(context(), gate.me(), session_id)
    return go("sessions.mine", done="ended")
