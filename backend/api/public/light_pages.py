"""The light pages for any phone: `/`, behind the printed codes `/e/<token>` and `/n/<number>`, from
a lift's page its estate's account `/a/<token>`, and behind a plan's link in chat `/p/<id>`.

Made on the server from the same values as the API's answers, without script; kept in memory like
those. Whatever a code is not good for gets one calm page that does not say why.
"""

from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter

from backend.api.public.present import account_shown, centre_shown, lift_shown, notice_shown
from backend.domain import wording
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.tokens import meant
from backend.http.callers import guesses_too_much
from backend.http.envelope import answer_http
from backend.http.frame import NOWHERE
from backend.http.kept_pages import send
from backend.http.lift_pages import LiftPage, made
from backend.http.parts import context, parts
from backend.services.public import words
from backend.services.public.account import read_public_account
from backend.services.public.city_facts import about
from backend.services.public.lifts import read_public_lift, read_public_notice
from backend.services.reads.plan_cards import plan_card

# Longer lists are folded, so that what follows is not screens away.
FOLDED_FROM = 6

HTML = "text/html; charset=utf-8"
# No script, nothing from elsewhere; photos come from this host.
LIGHT_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; {NOWHERE}"

# Pages are found beside this module.
pages = Blueprint("lift_web", __name__, template_folder="templates")


class Anything(PathConverter):
    """The rest of an address, nothing and leading slashes too: all bad codes are answered alike."""

    regex = ".*?"
    part_isolating = False


@pages.record
def _know_anything(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["anything"] = Anything


@pages.get("/")
def front() -> Response:
    """What whoever types the printed host gets: what this is, and where to scan."""
    purpose = about(context().city)
    return _page(_rendered("public_front.html", "", sandbox=parts().sandbox, about=purpose), 200)


@pages.app_errorhandler(404)
def nowhere(error: NotFound) -> ResponseReturnValue:
    """An address that nothing answers: browsers get the calm page, programs the envelope."""
    asked = request.accept_mimetypes.best_match(["application/json", "text/html"])
    if asked == "text/html" and not request.path.startswith("/api/"):
        return _calm(404)
    return answer_http(error)


@pages.get("/e/<anything:token>")
def lift(token: str) -> Response:
    """What a lift's printed code opens on any phone."""
    token = meant(token)
    page = parts().lift_pages.get(f"/e/{token}", lambda: _lift_page(token))
    if page is None:
        return _calm(429 if guesses_too_much() else 404)
    return send(page)


@pages.get("/n/<anything:number>")
def notice(number: str) -> Response:
    """What the code of a printed notice opens on any phone."""
    number = meant(number)
    page = parts().lift_pages.get(f"/n/{number}", lambda: _notice_page(number))
    return send(page) if page else _calm(404)


@pages.get("/a/<anything:token>")
def account(token: str) -> Response:
    """The public account of the estate in which a lift stands."""
    token = meant(token)
    page = parts().lift_pages.get(f"/a/{token}", lambda: _account_page(token))
    if page is None:
        return _calm(429 if guesses_too_much() else 404)
    return send(page)


@pages.get("/p/<uuid:plan_id>")
def plan(plan_id: UUID) -> Response:
    """The whole frozen plan that `wiring.job_parts` links to from chat, or that there is none."""
    card = plan_card(context(), plan_id)
    return _page(_rendered("public_plan.html", f"p/{plan_id}", card=card), 200 if card else 404)


def _lift_page(token: str) -> LiftPage | None:
    found = read_public_lift(context(), token)
    if found is None:
        return None
    shown = lift_shown(found, context().city)
    body = _rendered("public_lift.html", f"e/{token}", page=shown, token=token)
    return made(body, HTML, LIGHT_POLICY, found.about, found.read_at, found.changes_at)


def _notice_page(number: str) -> LiftPage | None:
    found = read_public_notice(context(), number)
    if found is None:
        return None
    body = _rendered("public_notice.html", f"n/{number}", page=notice_shown(found, context().city))
    return made(body, HTML, LIGHT_POLICY, found.about, found.read_at, found.changes_at)


def _account_page(token: str) -> LiftPage | None:
    found = read_public_account(context(), token)
    if found is None:
        return None
    shown = account_shown(found, context().city)
    body = _rendered("public_account.html", f"a/{token}", page=shown, token=token)
    return made(body, HTML, LIGHT_POLICY, found.about, found.read_at, found.changes_at)


def _calm(status: int) -> Response:
    """The same bytes for every code that leads nowhere."""
    response = _page(_rendered("public_calm.html", ""), status)
    if status == 429:
        response.headers["Retry-After"] = "600"
    return response


def _page(body: bytes, status: int) -> Response:
    response = current_app.make_response((body, status))
    response.headers["Content-Security-Policy"] = LIGHT_POLICY
    return response


def _rendered(template: str, path: str, **values: object) -> bytes:
    """The page, on paper with its address: this `path` on our host."""
    city = context().city
    site = parts().public_url.rstrip("/")
    text = render_template(
        template,
        emergency=words.emergency(city),
        centre=centre_shown(city),
        city_name=city.name,
        wording=wording,
        advice=words.advice(city),
        site=site,
        address=f"{site}/{path}",
        folded_from=FOLDED_FROM,
        on_phone="mini_program" in city.objection.channels.value,
        local_date=local_date,
        yuan=yuan,
        **values,
    )
    # Lines that only held template words are of no use to a phone.
    return "\n".join(line for line in map(str.strip, text.splitlines()) if line).encode()
