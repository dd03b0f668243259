"""投保测算: which lifts the pools of an estate or of the city can insure, by a picture and its
table."""

from uuid import UUID

from flask import Blueprint, Response

from backend.desk import gate
from backend.desk.pages import page
from backend.domain.affording import year_words
from backend.domain.wording import day_ends
from backend.http.parts import context
from backend.services.reads import affording

routes = Blueprint("affording", __name__, url_prefix=f"{gate.PREFIX}/forecast")


@routes.get("")
def city() -> Response:
    """The whole city."""
    found = affording.read_city(context(), gate.me())
    return page("forecast_city.html", found=found, year_words=year_words)


@routes.get("/<uuid:estate_id>")
def estate(estate_id: UUID) -> Response:
    """One estate: by pool, by building, all of it; and what flats would pay instead."""
    found = affording.read_estate(context(), gate.me(), estate_id)
    return page(
        "forecast_estate.html",
        found=found,
        year_words=year_words,
        day_ends=day_ends,
    )
