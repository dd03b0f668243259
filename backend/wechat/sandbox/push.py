"""Callbacks from the emulator to us: signed, encrypted, three attempts, a log of what came back.

The message is built and sealed with wechatpy's own parts, so that ours are checked against others.
"""

import base64
import secrets
import time
from collections import deque
from datetime import datetime
from queue import SimpleQueue
from threading import Lock, Thread
from urllib.parse import urlencode

from pydantic import BaseModel, Field
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError
from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from backend.clock import Clock
from backend.config import Settings
from backend.domain.errors import refuse
from backend.wechat.sandbox.state import Person, State

ATTEMPTS = 3
ANSWER_SECONDS = 5.0
PAUSE_SECONDS = 0.2
EVENT_WORKERS = 4
KEPT_PUSHES = 500
ACCOUNT = "gh_5ad00d5ad00d"


class Attempt(BaseModel):
    """One POST to us and what came back; no `status` when there was no answer in time."""

    status: int | None
    answer: str
    milliseconds: int


class Push(BaseModel):
    """One callback: the plain XML, and the attempts to deliver it."""

    id: int
    at: datetime
    person: str
    kind: str
    summary: str
    xml: str
    attempts: list[Attempt] = Field(default_factory=list)
    answered: bool = False


class Pusher:
    """Delivers callbacks to `url`; None switches them off."""

    def __init__(self, settings: Settings, clock: Clock, state: State) -> None:
        self._appid = settings.service_appid
        self._token = settings.service_token.get_secret_value()
        self._key = base64.b64decode(settings.service_aes_key.get_secret_value() + "=")
        self.default_url = settings.public_url.rstrip("/") + "/wechat/service/callback"
        self.url: str | None = self.default_url
        self._clock = clock
        self._state = state
        self._pool = PoolManager(maxsize=64, timeout=ANSWER_SECONDS, retries=False)
        self._lock = Lock()
        self._log: deque[Push] = deque(maxlen=KEPT_PUSHES)
        self._waiting: SimpleQueue[Push] = SimpleQueue()
        for number in range(EVENT_WORKERS):
            Thread(target=self._work, name=f"sandbox-push-{number}", daemon=True).start()

    def text(self, person: Person, text: str, menu_choice_id: str | None = None) -> Push:
        """Push what a person wrote or tapped; returns after the last attempt."""
        number = self._state.next_id()
        fields: dict[str, str | int] = {"MsgType": "text", "Content": text, "MsgId": number}
        if menu_choice_id is not None:
            fields["bizmsgmenuid"] = menu_choice_id
        return self._deliver(self._push(number, person, "text", text, fields))

    def event(self, person: Person, event: str) -> Push:
        """Push what a person did; returns after the last attempt."""
        fields: dict[str, str | int] = {"MsgType": "event", "Event": event, "EventKey": ""}
        return self._deliver(self._push(self._state.next_id(), person, event, event, fields))

    def job_finished(self, person: Person, msgid: int, status: str) -> None:
        """Push the fate of a template message, some time soon."""
        if self.url is None:
            return
        fields: dict[str, str | int] = {
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": msgid,
            "Status": status,
        }
        number = self._state.next_id()
        self._waiting.put(
            self._push(number, person, "TEMPLATESENDJOBFINISH", f"{msgid} {status}", fields)
        )

    def repeat(self, number: int) -> Push:
        """Push an earlier callback again, word for word. Raises Refused (`no_such_callback`)."""
        with self._lock:
            found = next((push for push in self._log if push.id == number), None)
        if found is None:
            raise refuse("no_such_callback", f"没有编号为 {number} 的回调", "id", "missing")
        again = found.model_copy(
            update={"id": self._state.next_id(), "attempts": [], "answered": False}
        )
        return self._deliver(again)

    def check_url(self) -> tuple[bool, Attempt]:
        """Ask our address for the echo, as the console does when an address is saved."""
        echo = str(secrets.randbelow(10**19))
        attempt = self._exchange("GET", {**self._signed(), "echostr": echo}, None)
        return attempt.status == 200 and attempt.answer == echo, attempt

    def log(self, after: int = 0) -> list[Push]:
        """Callbacks with ids above `after`, oldest first."""
        with self._lock:
            return [push.model_copy() for push in self._log if push.id > after]

    def reset(self) -> None:
        """Forget the log and go back to the default address."""
        with self._lock:
            self._log.clear()
        self.url = self.default_url

    def _push(
        self, number: int, person: Person, kind: str, summary: str, fields: dict[str, str | int]
    ) -> Push:
        at = self._clock()
        whole = {
            "ToUserName": ACCOUNT,
            "FromUserName": person.openids[self._appid],
            "CreateTime": int(at.timestamp()),
            **fields,
        }
        return Push(
            id=number, at=at, person=person.name, kind=kind, summary=summary, xml=_xml(whole)
        )

    def _work(self) -> None:
        while True:
            self._deliver(self._waiting.get())

    def _deliver(self, push: Push) -> Push:
        if self.url is None:
            return push
        with self._lock:
            self._log.append(push)
        for number in range(ATTEMPTS):
            if number:
                time.sleep(PAUSE_SECONDS)
            # Sealed anew each time: the signature is over the present time.
            encrypted = PrpCrypto(self._key).encrypt(push.xml, self._appid).decode()
            body = _xml({"ToUserName": ACCOUNT, "Encrypt": encrypted})
            query = {**self._signed(), "encrypt_type": "aes"}
            query["msg_signature"] = self._signature(query, encrypted)
            attempt = self._exchange("POST", query, body)
            push.attempts = [*push.attempts, attempt]
            if attempt.status == 200:
                push.answered = True
                break
        return push

    def _signed(self) -> dict[str, str]:
        query = {
            "timestamp": str(int(self._clock().timestamp())),
            "nonce": str(secrets.randbelow(10**10)),
        }
        return {"signature": self._signature(query), **query}

    def _signature(self, query: dict[str, str], *more: str) -> str:
        signer = WeChatSigner()
        signer.add_data(self._token, query["timestamp"], query["nonce"], *more)
        return str(signer.signature)

    def _exchange(self, method: str, query: dict[str, str], body: str | None) -> Attempt:
        began = time.monotonic()
        status: int | None = None
        try:
            response = self._pool.request(
                method,
                f"{self.url or self.default_url}?{urlencode(query)}",
                body=body,
                headers={"Content-Type": "text/xml"},
                redirect=False,
            )
            status, answer = response.status, response.data.decode("utf-8", "replace")[:200]
        except HTTPError as error:
            answer = type(error).__name__
        spent = round((time.monotonic() - began) * 1000)
        return Attempt(status=status, answer=answer, milliseconds=spent)


def _xml(fields: dict[str, str | int]) -> str:
    parts = []
    for name, value in fields.items():
        if isinstance(value, str):
            inner = "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
        else:
            inner = str(value)
        parts.append(f"<{name}>{inner}</{name}>")
    return "<xml>" + "".join(parts) + "</xml>"
