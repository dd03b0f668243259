"""The page behind a plan's link in chat: the whole frozen plan, on any phone, without script."""

from uuid import UUID

from flask import Blueprint, Response, current_app, render_template

from backend.domain import wording
from backend.domain.money import yuan
from backend.http.parts import context
from backend.services.reads.plan_cards import plan_card

# Pages are found beside this module.
pages = Blueprint("plan_page", __name__, template_folder="templates")


@pages.get("/p/<uuid:plan_id>")
def show(plan_id: UUID) -> Response:
    """The plan that `wiring.job_parts` links to from chat, or a calm page that there is none."""
    ctx = context()
    card = plan_card(ctx, plan_id)
    page = render_template(
        "plan.html",
        card=card,
        yuan=yuan,
        wording=wording,
        centre=ctx.city.centre,
    )
    return current_app.make_response((page, 200 if card else 404))
