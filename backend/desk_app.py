"""The program that serves the officers' desk (工作台), on a port of its own."""

from functools import partial

from backend.desk import gate, pages
from backend.desk.app import create_desk
from backend.http.frame import safe_headers
from backend.http.served import Served
from backend.private import keep_to_owner
from backend.programs import api as api_program
from backend.runtime import Runtime


def create_served() -> Served:
    """What the web server calls (RSGI): the desk on the parts that the environment describes."""
    keep_to_owner()
    return served(api_program.begin("desk"))


def served(runtime: Runtime) -> Served:
    """The desk on these parts, for a server that speaks RSGI."""
    parts = api_program.api_parts(runtime)
    app = create_desk(parts)
    return Served(
        app,
        lambda *_: None,
        partial(gate.most_bytes, app),
        safe_headers(parts.public_url),
        partial(pages.page_of_refusal, app),
    )
