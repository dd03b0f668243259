"""The proof files of WeChat's consoles: whoever can serve one owns the domain.

A console gives a small text file (`MP_verify_….txt`, or one for an address rule) and fetches it
from the root of the domain or from below the rule's address. Put it into the folder as it is.
"""

import re
from pathlib import Path

from flask import Blueprint, Response, abort

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_BYTES = 4096


def proof_files(folder: Path) -> Blueprint:
    """Serves `folder/NAME.txt` as /NAME.txt and /e/NAME.txt; 404 for whatever is not there."""
    blueprint = Blueprint("proof_files", __name__)

    def proof(name: str) -> Response:
        file = folder / f"{name}.txt"
        if not NAME.fullmatch(name) or not file.is_file() or file.stat().st_size > LONGEST_BYTES:
            abort(404)
        return Response(file.read_bytes(), content_type="text/plain; charset=utf-8")

    blueprint.add_url_rule("/<name>.txt", "at_the_root", proof)
    blueprint.add_url_rule("/e/<name>.txt", "below_the_rule", proof)
    return blueprint
