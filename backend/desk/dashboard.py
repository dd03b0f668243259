"""看板: pictures with their tables; every figure is the way to the list whose count it is."""

from flask import Blueprint, Response

from backend.desk import gate
from backend.desk.pages import page
from backend.http.parts import context
from backend.services.reads.dashboard import read_dashboard

routes = Blueprint("dashboard", __name__, url_prefix=f"{gate.PREFIX}/dashboard")


@routes.get("")
def dashboard() -> Response:
    """All figures as of now."""
    return page("dashboard.html", figures=read_dashboard(context(), gate.me()))
