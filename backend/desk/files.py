"""Papers of cases, to be saved and not shown: whatever somebody handed in runs nowhere."""

from flask import Blueprint, Response

from backend.desk import gate
from backend.http.frame import API_POLICY
from backend.http.parts import context
from backend.http.present import present_file
from backend.services.files import uploads

routes = Blueprint("files", __name__, url_prefix=f"{gate.PREFIX}/files")


@routes.get("/<sha256>")
def file(sha256: str) -> Response:
    """The file of this content, for whoever may read it."""
    content, media_type = uploads.read_file(context(), gate.me(), sha256)
    response = present_file(content, media_type, sha256)
    response.headers["Content-Security-Policy"] = API_POLICY
    return response
