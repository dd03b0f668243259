"""/desk/parts: every part of a page in every state, as whoever makes pages finds them.

The design system, and what is looked at in all sizes for contrasts, widths and names. It shows
nothing of the city, and in production there is no such page.
"""

from flask import Blueprint, Response

from backend.desk import gate
from backend.desk.forms import Field, Kind
from backend.desk.pages import page
from backend.http.parts import parts
from backend.services.base.access import nothing_there

routes = Blueprint("sample", __name__, url_prefix=f"{gate.PREFIX}/parts")
HINT = "提示：写清楚什么。"
FIELDS = tuple(Field(each.value, f"一栏（{each.value}）", each, HINT) for each in Kind)
STATES = ("empty", "filled", "wrong")


@routes.get("")
def every_part() -> Response:
    """All of them on one page."""
    if not parts().sandbox:
        raise nothing_there("页面")
    return page("parts.html", fields=FIELDS, states=STATES)
