"""Serves the page at `/`: a bench for people with several phones, built of plain files."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

PAGE = Path(__file__).with_name("bench.html")
FILES = Path(__file__).with_name("bench")


def bench_page() -> Blueprint:
    """The page and its styles and scripts."""
    blueprint = Blueprint("bench", __name__)
    blueprint.add_url_rule("/", view_func=_page)
    blueprint.add_url_rule("/page/<name>", view_func=_file)
    return blueprint


def _page() -> Response:
    return Response(PAGE.read_bytes(), mimetype="text/html")


def _file(name: str) -> Response:
    return send_from_directory(FILES, name, max_age=0)
