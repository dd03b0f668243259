"""Callbacks on their way to us: signed, encrypted, three attempts, a log of what came back.

Both accounts have an address of their own. The service account pushes XML; the mini-program XML or
JSON, as its console is set. The message is built and sealed with wechatpy's own parts, so that ours
are checked against others.
"""

import base64
import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlencode

from urllib3 import PoolManager
from urllib3.exceptions import HTTPError
from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from backend.clock import Clock
from backend.domain.errors import refuse
from backend.wechat.sandbox.callbacks.messages import Account, Attempt, Form, Push, written
from backend.wechat.sandbox.memory.state import Person, State
from backend.wechat.sandbox.memory.threads import THREADS

ATTEMPTS = 3
ANSWER_SECONDS = 5.0
PAUSE_SECONDS = 0.2
EVENT_WORKERS = 4
KEPT_PUSHES = 500


class Pusher:
    """Delivers an account's callbacks to `url` in `form`; no url switches them off."""

    def __init__(self, account: Account, clock: Clock, state: State) -> None:
        self._account = account
        self._key = base64.b64decode(account.aes_key + "=")
        self.url: str | None = account.default_url
        self.form: Form = account.form
        self._clock = clock
        self._state = state
        self._pool = PoolManager(maxsize=THREADS, timeout=ANSWER_SECONDS, retries=False)
        self._lock = Lock()
        self._log: deque[Push] = deque(maxlen=KEPT_PUSHES)
        self._seconds: dict[tuple[str, str], int] = {}
        self._waiting: SimpleQueue[Push] = SimpleQueue()
        for number in range(EVENT_WORKERS):
            Thread(target=self._work, name=f"sandbox-push-{number}", daemon=True).start()

    def text(self, person: Person, text: str, menu_choice_id: str | None = None) -> Push:
        """Push what a person wrote or tapped; returns after the last attempt."""
        number = self._state.next_id()
        fields: dict[str, Any] = {"MsgType": "text", "Content": text, "MsgId": number}
        if menu_choice_id is not None:
            fields["bizmsgmenuid"] = menu_choice_id
        return self._deliver(self._push(number, person, "text", text, fields))

    def event(self, person: Person, event: str) -> Push:
        """Push what a person did; returns after the last attempt."""
        fields = {"MsgType": "event", "Event": event, "EventKey": ""}
        return self._deliver(self._push(self._state.next_id(), person, event, event, fields))

    def authorization(self, person: Person, event: str, what: str) -> Push:
        """Push that a person took something back, or closed the account; the platform itself sends
        it, and says of whom. Returns after the last attempt."""
        fields = {
            "FromUserName": "o_of_the_platform_itself",
            "MsgType": "event",
            "Event": event,
            "OpenID": person.openids[self._account.appid],
            "AppID": self._account.appid,
            **({"RevokeInfo": what} if what else {}),
        }
        return self._deliver(self._push(self._state.next_id(), person, event, what, fields))

    def job_finished(self, person: Person, msgid: int, status: str) -> None:
        """Push the fate of a template message, some time soon."""
        if self.url is None:
            return
        fields = {
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": msgid,
            "Status": status,
        }
        number = self._state.next_id()
        self._waiting.put(
            self._push(number, person, "TEMPLATESENDJOBFINISH", f"{msgid} {status}", fields)
        )

    def popup(self, person: Person, answers: Mapping[str, str]) -> Push:
        """Push how a person answered the popup; returns after the last attempt."""
        entries = [
            {"TemplateId": template_id, "SubscribeStatusString": answer, "PopupScene": "0"}
            for template_id, answer in answers.items()
        ]
        return self._deliver(self._subscribe("popup", person, entries))

    def switched_off(self, person: Person, template_ids: Sequence[str]) -> Push:
        """Push that a person refuses messages in the settings; returns after the last attempt."""
        entries = [
            {"TemplateId": template_id, "SubscribeStatusString": "reject"}
            for template_id in template_ids
        ]
        return self._deliver(self._subscribe("change", person, entries))

    def subscribe_sent(self, person: Person, template_id: str, msgid: int) -> None:
        """Push the fate of a subscribe message, some time soon."""
        if self.url is None:
            return
        status = person.subscribe_result
        entry = {
            "TemplateId": template_id,
            "MsgID": str(msgid),
            "ErrorCode": "0" if status == "success" else "20001",
            "ErrorStatus": status,
        }
        self._waiting.put(self._subscribe("sent", person, [entry]))

    def _subscribe(self, which: str, person: Person, entries: Sequence[Mapping[str, str]]) -> Push:
        """One of the three subscribe events; a single entry is an object, several are an array."""
        listed = {"List": entries[0] if len(entries) == 1 else list(entries)}
        event = f"subscribe_msg_{which}_event"
        inner = listed if self.form == "json" else {f"SubscribeMsg{which.title()}Event": listed}
        words = [entry.get("SubscribeStatusString") or entry["ErrorStatus"] for entry in entries]
        fields = {
            "CreateTime": self._second(person, event),
            "MsgType": "event",
            "Event": event,
            **inner,
        }
        return self._push(self._state.next_id(), person, event, " ".join(words), fields)

    def _second(self, person: Person, event: str) -> int:
        """Nobody does the same twice in a second; a clock that stands still shall not tell so."""
        with self._lock:
            now = int(self._clock().timestamp())
            earlier = self._seconds.get((person.name, event))
            second = now if earlier is None or now > earlier else earlier + 1
            self._seconds[person.name, event] = second
        return second

    def has(self, number: int) -> bool:
        """Whether a callback with this number was pushed here."""
        with self._lock:
            return any(push.id == number for push in self._log)

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
        """Forget the log and go back to the default address and form."""
        with self._lock:
            self._log.clear()
        self.url, self.form = self._account.default_url, self._account.form

    def _push(
        self, number: int, person: Person, kind: str, summary: str, fields: Mapping[str, Any]
    ) -> Push:
        at = self._clock()
        whole = {
            "ToUserName": self._account.original_id,
            "FromUserName": person.openids[self._account.appid],
            "CreateTime": int(at.timestamp()),
            **fields,
        }
        return Push(
            id=number,
            app=self._account.app,
            at=at,
            person=person.name,
            kind=kind,
            summary=summary,
            plain=written(self.form, whole),
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
            encrypted = PrpCrypto(self._key).encrypt(push.plain, self._account.appid).decode()
            sealed = {"ToUserName": self._account.original_id, "Encrypt": encrypted}
            body = written(self.form, sealed)
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
        signer.add_data(self._account.token, query["timestamp"], query["nonce"], *more)
        return str(signer.signature)

    def _exchange(self, method: str, query: dict[str, str], body: str | None) -> Attempt:
        began = time.monotonic()
        status: int | None = None
        try:
            response = self._pool.request(
                method,
                f"{self.url or self._account.default_url}?{urlencode(query)}",
                body=body,
                headers={"Content-Type": f"text/{self.form}"},
                redirect=False,
            )
            status, answer = response.status, response.data.decode("utf-8", "replace")[:200]
        except HTTPError as error:
            answer = type(error).__name__
        spent = round((time.monotonic() - began) * 1000)
        return Attempt(status=status, answer=answer, milliseconds=spent)
