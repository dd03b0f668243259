"""Calls to the platform, and what they come to.

One host setting for every endpoint, the stable token behind one lock, at most one refresh and one
more try after a rejected token, one time-out for all of that together, and three outcomes that
never mix: a result, PlatformError (surely not done) and SendUnknown (perhaps done).
"""

import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3 import HTTPConnectionPool, PoolManager, ProxyManager, Retry, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from backend.clock import system_clock
from backend.config import Settings
from backend.seldom import logger_of
from backend.wechat.bounded_http import bounded
from backend.wechat.reactions import (
    TOKEN_REJECTED,
    PlatformError,
    Reaction,
    SendUnknown,
    reaction_to,
)
from backend.wechat.templates import fit

logger = logger_of(__name__)
# At DEBUG the connection pool writes every address, and ours carry tokens and secrets.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

TOO_MANY_REQUESTS = 429
POOL_SIZE = 128  # a worker delivers with 64 threads; its refreshes and a neighbour fit too
TEXT_LIMIT_BYTES = 2048  # of a chat message, in UTF-8
# Accepted is what the platform says it has accepted: an answer without a word for that is none.
SAYS_SO = {f"/cgi-bin/message/{kind}/send" for kind in ("template", "custom", "subscribe")}
PICTURES = {"/wxa/getwxacodeunlimit"}  # answer with image bytes, or with a JSON error
FAILURE_SECONDS = 3  # for so long nobody asks again for a token that could not be had
TOKEN_MARGIN_SECONDS = 300  # the platform hands out the next token this long before the end
JSON_HEADERS = {"Content-Type": "application/json"}
NEVER_AGAIN = Retry(False, redirect=False)
NEVER_LEFT = (ConnectTimeoutError, NewConnectionError, ProxyError, SSLError)
RID = re.compile(r"\brid:\s*([\w-]+)")


@dataclass(frozen=True)
class UserInfo:
    """Whether a person follows the service account, and the id that joins both apps."""

    subscribed: bool
    unionid: str | None


@dataclass(frozen=True)
class _Token:
    value: str
    good_until: float  # real time, seconds since the epoch


class PlatformClient:
    """Calls in the name of one of our apps; safe to share between threads.

    Every process asks for the token by itself and gets the same stable one: it lies nowhere else.
    """

    def __init__(
        self,
        appid: str,
        secret: str,
        host: str,
        timeout_seconds: float,
    ) -> None:
        self.appid = appid
        self._secret = secret
        self._host = host.rstrip("/")
        self._token: _Token | None = None
        self._token_lock = Lock()
        self._failed_at = 0.0  # when the last fetch failed (real time), and how
        self._failure: PlatformError | None = None
        self._timeout_seconds = timeout_seconds
        self._pool, self._prefix = _pool(self._host), urlsplit(self._host).path

    def _until(self) -> float:
        """The moment (monotonic) by which a call that begins now has come to something."""
        return time.monotonic() + self._timeout_seconds

    @property
    def access_token(self) -> str:
        """A token that is good for now."""
        return self._access_token(self._until())

    def _access_token(self, until: float) -> str:
        """It is fetched behind the lock when there is none."""
        token = self._token
        if token is not None and time.time() < token.good_until:
            return token.value
        return self._renewed(None, until)

    def fetch_access_token(self, until: float | None = None) -> dict[str, Any]:
        """Ask the platform for the current stable token and keep it; returns its answer.

        Never forced: a forced refresh kills the token in the other processes' hands. An answer
        that got lost here means that nothing was sent, so it raises PlatformError, not SendUnknown.
        """
        request = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self._secret,
            "force_refresh": False,
        }
        try:
            answer = self._exchange(
                "POST", "/cgi-bin/stable_token", data=_json(request), until=until
            )
            lifetime = int(answer["expires_in"]) - TOKEN_MARGIN_SECONDS
            self._token = _Token(str(answer["access_token"]), time.time() + max(lifetime, 1))
            self._failure = None
        except PlatformError as error:
            error.of_token = True
            raise
        except (SendUnknown, KeyError, ValueError):
            raise PlatformError(None, "no token", None, Reaction.BACK_OFF) from None
        return answer

    def _renewed(self, rejected: str | None, until: float) -> str:
        """A token other than `rejected`; of all threads that ask at once, one fetches. When that
        fails, it has failed for all who waited and for whoever comes within some seconds: they do
        not ask one after the other."""
        asked_at = system_clock().timestamp()
        if not self._token_lock.acquire(timeout=max(until - time.monotonic(), 0)):
            raise PlatformError(None, "no token in time", None, Reaction.BACK_OFF)
        try:
            token = self._token
            if token and token.value != rejected and time.time() < token.good_until:
                return token.value
            if self._failure is not None and asked_at < self._failed_at + FAILURE_SECONDS:
                raise self._failure
            try:
                return str(self.fetch_access_token(until)["access_token"])
            except PlatformError as error:
                self._failed_at, self._failure = system_clock().timestamp(), error
                raise
        finally:
            self._token_lock.release()

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One call with a JSON body. Raises PlatformError or SendUnknown."""
        return self._with_token("POST", path, {}, _json(body))

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """One call that asks for something. Raises PlatformError or SendUnknown."""
        return self._with_token("GET", path, params, None)

    def _with_token(
        self, method: str, path: str, params: Mapping[str, str], data: bytes | None
    ) -> dict[str, Any]:
        until = self._until()
        token = self._access_token(until)
        try:
            return self._exchange(method, path, {**params, "access_token": token}, data, until)
        except PlatformError as error:
            if error.errcode not in TOKEN_REJECTED:
                raise
        token = self._renewed(token, until)
        return self._exchange(method, path, {**params, "access_token": token}, data, until)

    def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        until: float | None = None,
    ) -> dict[str, Any]:
        """One HTTP exchange, over by `until`, or within the time-out. The causes of errors are cut
        off, since they quote the address."""
        left = (until or self._until()) - time.monotonic()
        if left <= 0:
            raise PlatformError(None, "no time left", None, Reaction.BACK_OFF)
        target = self._prefix + path + ("?" + urlencode(params) if params else "")
        try:
            response = self._pool.urlopen(
                method,
                target,
                body=data,
                headers=JSON_HEADERS,
                retries=NEVER_AGAIN,
                redirect=False,
                timeout=Timeout(total=left),
            )
        except HTTPError as error:
            reason = type(error).__name__
            logger.warning("wechat %s: %s", path, reason, extra={"kind": (path, reason)})
            if isinstance(error, NEVER_LEFT):
                raise PlatformError(None, reason, None, Reaction.BACK_OFF) from None
            raise SendUnknown(f"{path}: {reason}") from None
        return _answer(path, response.status, response.data)


def _pool(host: str) -> HTTPConnectionPool:
    """Connections kept open for every thread; through the environment's proxy if it names one.

    urllib3 directly, since requests on top of it more than doubles the work per call; and its pool
    for our one host, since looking that up for each call is a tenth of it.
    """
    parts = urlsplit(host)
    proxy = getproxies().get("https") if parts.scheme == "https" else None
    through = proxy and not proxy_bypass(parts.hostname or "")
    manager = (
        ProxyManager(str(proxy), maxsize=POOL_SIZE) if through else PoolManager(maxsize=POOL_SIZE)
    )
    return bounded(manager).connection_from_url(host)


def _answer(path: str, status: int, raw: bytes) -> dict[str, Any]:
    """The answer's JSON object, or the error it stands for; a picture as `{"picture": bytes}`."""
    if status >= 500:
        logger.warning("wechat %s: HTTP %s", path, status, extra={"kind": (path, status)})
        raise SendUnknown(f"{path}: HTTP {status}")
    if status != 200:
        logger.warning("wechat %s: HTTP %s", path, status, extra={"kind": (path, status)})
        reaction = Reaction.BACK_OFF if status == TOO_MANY_REQUESTS else Reaction.OPERATOR
        raise PlatformError(None, f"HTTP {status}", None, reaction)
    if path in PICTURES and raw and not raw.startswith(b"{"):
        return {"picture": raw}
    try:
        # The platform sends JSON as text/plain without a charset, and it is always UTF-8.
        answer: dict[str, Any] = json.loads(raw.decode("utf-8", "replace"))
        errcode = int(answer["errcode"] if path in SAYS_SO else answer.get("errcode", 0))
    except (AttributeError, KeyError, TypeError, ValueError):
        logger.warning("wechat %s: unreadable answer", path, extra={"kind": path})
        raise SendUnknown(f"{path}: unreadable answer") from None
    if errcode == 0:
        return answer
    errmsg = str(answer.get("errmsg", ""))
    found = RID.search(errmsg)
    error = PlatformError(errcode, errmsg, found and found[1], reaction_to(errcode, path))
    logger.warning(
        "wechat %s: errcode %s, rid %s, %s",
        *(path, errcode, error.rid, error.reaction),
        extra={"kind": (path, errcode)},
    )
    raise error


class ServiceAccount(PlatformClient):
    """What we ask of the service account (服务号)."""

    def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        client_msg_id: str,
        url: str | None = None,
        miniprogram: Mapping[str, str] | None = None,
    ) -> str:
        """Queue one template message and return its msgid.

        `data` maps the platform's keywords to values, which are made to fit. A repeat with the same
        `client_msg_id` within ten minutes is sent once. Raises PlatformError or SendUnknown.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {keyword: {"value": fit(value)} for keyword, value in data.items()},
            "client_msg_id": client_msg_id,
        }
        if url:
            body["url"] = url
        if miniprogram:
            body["miniprogram"] = dict(miniprogram)
        answer = self.post("/cgi-bin/message/template/send", body)
        return str(answer.get("msgid", ""))

    def send_text(self, openid: str, text: str) -> None:
        """Send a chat message; needs an open conversation. Longer than 2,048 bytes is cut with `…`.

        Raises PlatformError (reaction NEXT_CHANNEL when the window is closed) or SendUnknown.
        """
        body = {"touser": openid, "msgtype": "text", "text": {"content": _cut(text)}}
        self.post("/cgi-bin/message/custom/send", body)

    def send_menu(
        self, openid: str, head: str, choices: Sequence[tuple[str, str]], tail: str
    ) -> None:
        """Send a chat message with choices `(id, text)` to tap; a tap comes back as text.

        Raises as `send_text` does.
        """
        listed = [{"id": choice, "content": text} for choice, text in choices]
        menu = {"head_content": _cut(head), "list": listed, "tail_content": _cut(tail)}
        body = {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu}
        self.post("/cgi-bin/message/custom/send", body)

    def user_info(self, openid: str) -> UserInfo:
        """Whether the person follows us, and the unionid. Raises PlatformError or SendUnknown."""
        answer = self.get("/cgi-bin/user/info", {"openid": openid, "lang": "zh_CN"})
        return UserInfo(answer.get("subscribe") == 1, answer.get("unionid") or None)


def service_account(settings: Settings) -> ServiceAccount:
    """The service account's client as configured."""
    return ServiceAccount(
        settings.service_appid,
        settings.service_secret.get_secret_value(),
        settings.wechat_url,
        settings.wechat_timeout_seconds,
    )


def _json(body: Mapping[str, Any]) -> bytes:
    """UTF-8 as it is: people would see the escapes in a chat message."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _cut(text: str) -> str:
    raw = text.encode()
    if len(raw) <= TEXT_LIMIT_BYTES:
        return text
    return raw[: TEXT_LIMIT_BYTES - len("…".encode())].decode(errors="ignore") + "…"
