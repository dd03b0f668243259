"""Which page of the desk a request came from, and which one comes next."""

import re
from urllib.parse import urlsplit

from flask import current_app, request, url_for

# A page of the desk: nothing that a browser could take for another host.
OURS = re.compile("/desk/[A-Za-z0-9/_.?=&%+-]*")


def after() -> str:
    """Where to go once somebody is in: a page of the desk, whatever the address says."""
    asked = request.values.get("next", "")
    return asked if OURS.fullmatch(asked) else url_for("today.today")


def form_page() -> str:
    """The page that the form of this request stood on, as far as it can be opened again."""
    found = urlsplit(request.headers.get("Referer", ""))
    here = f"{found.path}?{found.query}" if found.query else found.path
    if found.netloc != request.host or not OURS.fullmatch(here):
        here = request.path
    routes = current_app.url_map.bind(request.host)
    return here if routes.test(urlsplit(here).path, "GET") else url_for("today.today")
