"""The program that serves the officers' desk (工作台), on a port of its own."""

import logging
from functools import partial

from backend import wiring
from backend.config import LOG_FORMAT, BadSettings, load_settings
from backend.desk import gate, pages
from backend.desk.app import create_desk
from backend.domain.city.parse import BadCity
from backend.domain.errors import Refused
from backend.http import frame
from backend.http.frame import safe_headers
from backend.http.room import make_room
from backend.http.served import Served, end_with_parent
from backend.private import keep_to_owner
from backend.programs import api as api_program
from backend.runtime import wake_deliveries
from backend.store import schema


def create_served() -> Served:
    """What the web server calls (RSGI): the desk on the parts that the environment describes."""
    end_with_parent()
    keep_to_owner()
    make_room()
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    frame.access_log.setLevel(logging.INFO)
    try:
        settings = load_settings()
        schema.require(settings)
        runtime = wiring.build(settings)
    except (BadSettings, BadCity, Refused) as error:
        raise SystemExit(f"desk: {error}") from None
    wake_deliveries(runtime)
    parts = api_program.api_parts(runtime)
    app = create_desk(parts)
    return Served(
        app,
        lambda *_: None,
        partial(gate.most_bytes, app),
        safe_headers(parts.public_url),
        partial(pages.page_of_refusal, app),
    )
