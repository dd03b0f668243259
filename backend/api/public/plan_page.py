"""The page behind a plan's link in chat: the whole frozen plan, on any phone, without script."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template

from backend.domain.calendar import local_date, written
from backend.domain.money import yuan
from backend.http.parts import context
from backend.services.reads.chat import plan_card

# Pages are found beside this module.
pages = Blueprint("plan_page", __name__, template_folder="templates")


@pages.get("/p/<uuid:plan_id>")
def show(plan_id: UUID) -> Response:
    """The plan that `wiring.job_parts` links to from chat, or a calm page that there is none."""
    ctx = context()
    card = plan_card(ctx, plan_id)
    last_day = card.cover_ends_before - timedelta(days=1) if card else None
    due_on = local_date(card.due - timedelta(minutes=1)) if card and card.due else None
    page = render_template(
        "plan.html",
        card=card,
        yuan=yuan,
        written=written,
        last_day=last_day,
        due_on=due_on,
        centre=ctx.city.centre,
    )
    return current_app.make_response((page, 200 if card else 404))
