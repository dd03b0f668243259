"""Where our accounts' callbacks arrive: prove, store, answer; the work is done later."""

from flask import Blueprint, Response, request

from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.services.base.wake import Wake
from backend.services.messages import inbox
from backend.wechat.callbacks import (
    ANSWER,
    BODY_LIMIT_BYTES,
    Credentials,
    Forbidden,
    TooLong,
    answer_url_check,
    open_callback,
)
from backend.wechat.incoming import Incoming, Malformed

logger = logger_of(__name__)

SERVICE_PATH = "/wechat/service/callback"
MINI_PATH = "/wechat/mini/callback"


def callbacks(ctx: Context, path: str, credentials: Credentials, wake: Wake) -> Blueprint:
    """The blueprint with the one address that an account's console is told.

    `wake` is called with the id of each stored callback. Answers: 413 for what is too long, 403 for
    what the platform did not send, nothing stored for either; 200 and an unreadable callback for
    what it sent and nobody can read.
    """
    routes = Blueprint(f"callbacks_{credentials.appid}", __name__)

    @routes.get(path)
    def prove_address() -> Response:
        try:
            return _text(answer_url_check(credentials, request.args, ctx.clock()))
        except (Forbidden, Malformed) as error:
            return _forbidden(error)

    @routes.post(path)
    def take_callback() -> Response:
        try:
            # Before the app what is too long was dropped already; else one byte more tells.
            if (request.content_length or 0) > BODY_LIMIT_BYTES:
                raise TooLong("body larger than 64 KiB")
            body = request.stream.read(BODY_LIMIT_BYTES + 1)
            incoming = open_callback(credentials, request.args, body, ctx.clock())
        except Forbidden as error:
            return _forbidden(error)
        except Malformed as error:
            logger.error("unreadable callback kept: %s", error)
            inbox.keep_unreadable_callback(
                ctx, credentials.appid, body.decode("utf-8", "replace"), str(error)
            )
            return _text(ANSWER)
        _store(ctx, credentials.appid, incoming, wake)
        return _text(ANSWER)

    return routes


def _store(ctx: Context, appid: str, incoming: Incoming, wake: Wake) -> None:
    row_id = inbox.receive(ctx, appid, incoming.dedupe_key, incoming.for_inbox())
    if row_id is not None:
        wake([row_id])


def _text(body: str) -> Response:
    return Response(body, mimetype="text/plain")


def _forbidden(error: Exception) -> Response:
    logger.warning("callback refused: %s", error)
    if isinstance(error, TooLong):
        return Response("too long", 413, mimetype="text/plain")
    return Response("forbidden", 403, mimetype="text/plain")
