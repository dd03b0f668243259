"""Who may send how much, asked before a body is heard: its memory is everybody's."""

from wsgiref.types import WSGIEnvironment

from flask import Flask, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.domain.errors import Refused
from backend.http.gate import bearer_token
from backend.http.parts import parts
from backend.http.routes import DECLARATIONS, JSON_LIMIT
from backend.services.people.sessions import authenticate


def most_bytes(app: Flask, environ: WSGIEnvironment) -> int:
    """How many bytes this request may send: more than JSON_LIMIT only where a route takes files,
    and with a session if it wants one. Nothing is refused here: the app says why.
    """
    with app.request_context(environ):
        declared = DECLARATIONS.get(request.endpoint or "")
        if declared is None or declared.max_body <= JSON_LIMIT:
            return JSON_LIMIT
        try:
            if declared.auth == "person":
                authenticate(parts().ctx, bearer_token())
        except (Refused, OperationalError, PoolTimeout):
            return JSON_LIMIT
        return declared.max_body
