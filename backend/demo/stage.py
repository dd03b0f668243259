"""The stage of the demo: people with phones, an API, a clock, and nothing behind the scenes.

Everything is done through HTTP, as the mini-program and the platform would; the database is only
looked at, to see when the workers have nothing left to do.
"""

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import uuid4

import requests
from PIL import Image, ImageDraw
from sqlalchemy import ColumnElement, and_, func, select

from backend.config import Settings
from backend.demo.cast import CAST
from backend.domain.deadlines import DeadlineState
from backend.domain.local_time import SHANGHAI
from backend.domain.second_factor import NEEDED
from backend.services.base.context import Context
from backend.store.base import Base
from backend.store.messages import DeadlineRecord, Inbox, InboxState, Outbox, OutboxState
from backend.store.purchases import Purchase

PATIENCE_SECONDS = 90
HANDS = 2  # that do something while the play goes on: as many as one may hand in at once
Json = dict[str, Any]
Found = TypeVar("Found")


class DemoFailed(Exception):
    """Something did not go as told; the message says what was expected and what came."""


class DemoStage:
    """Where the play happens. `ctx` is for waiting only."""

    def __init__(self, settings: Settings, ctx: Context) -> None:
        self._public_url = settings.public_url
        self._api = settings.public_url + "/api/v1"
        self._bench = settings.wechat_url
        self._platform = settings.wechat_url + "/sandbox"
        self._ctx = ctx
        self._http = requests.Session()
        self._hands = ThreadPoolExecutor(HANDS)
        self._tokens: dict[str, str] = {}
        self._read_to = 0

    def wait_for(self, *urls: str) -> None:
        """Wait until something answers at each of these addresses; raises DemoFailed."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        for url in urls:
            while not self._answers(url):
                if time.monotonic() > give_up_at:
                    raise DemoFailed(f"{PATIENCE_SECONDS} 秒后仍没有应答：{url}")
                time.sleep(0.05)

    def _answers(self, url: str) -> bool:
        try:
            return self._http.get(url, timeout=30).ok
        except requests.RequestException:
            return False

    def enter(self, *keys: str) -> dict[str, str]:
        """People get a phone, open the mini-program and follow the account; their ids."""
        for key in keys:  # the bench lists them in this order
            player = CAST[key]
            self.platform("POST", "/people", {"name": player.shown, "phone": player.phone})
        entering = {key: self.meanwhile(partial(self._enter, key)) for key in keys}
        return {key: entered() for key, entered in entering.items()}

    def _enter(self, key: str) -> str:
        name = CAST[key].shown
        code = self.platform("POST", f"/people/{name}/login-code")["code"]
        session = self._send("POST", self._api + "/sessions", {"code": code}, {})
        self._tokens[key] = session["token"]
        self.platform("POST", f"/people/{name}/follow")
        return str(session["person_id"])

    def openid(self, key: str) -> str:
        """The person's openid in the mini-program."""
        found = self.platform("GET", f"/people/{CAST[key].shown}")
        return str(found["openids"]["mini"])

    def sits_down(self, key: str) -> None:
        """An officer signs in at the desk as people do, and binds the authenticator that it asks
        for; raises DemoFailed. The browser is left there."""
        url = f"{self._bench}/office-pc/{CAST[key].shown}"
        answer = requests.post(url, allow_redirects=False, timeout=PATIENCE_SECONDS)
        if answer.status_code != HTTPStatus.SEE_OTHER:
            raise DemoFailed(f"{CAST[key].shown} 没有进入工作台：{answer.text[-200:]}")

    def act(self, key: str | None, method: str, path: str, body: Json | None = None) -> Json:
        """One request to the API as this person (None: not signed in), who shows a code of their
        authenticator where that is asked for; raises DemoFailed."""
        headers = self.headers(key)
        try:
            return self._send(method, self._api + path, body, headers)
        except DemoFailed as failed:
            if key is None or NEEDED not in str(failed):
                raise
        code = {"digits": self._next_digits(CAST[key].shown)}
        self._send("POST", self._api + "/me/second-factor", code, self.headers(key))
        return self._send(method, self._api + path, body, headers)

    def _next_digits(self, name: str) -> str:
        """What the person's authenticator shows, as soon as it shows others than before."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return str(self.platform("POST", f"/people/{name}/authenticator-code")["digits"])
            except DemoFailed as failed:
                if "wait_a_moment" not in str(failed) or time.monotonic() > give_up_at:
                    raise
            time.sleep(0.5)

    def refused(self, key: str, path: str, body: Json) -> list[Json]:
        """A request that must be refused; what it was told."""
        answer = self._http.post(self._api + path, json=body, headers=self.headers(key), timeout=30)
        if answer.status_code < 400 or answer.status_code >= 500:
            raise DemoFailed(f"{path} 应当被拒绝，却得到 {answer.status_code}：{answer.text[:300]}")
        errors: list[Json] = answer.json()["errors"]
        return errors

    def upload(self, key: str, label: str, kind: str = "PNG") -> str:
        """Make a paper with this label and upload it; its SHA-256."""
        picture = Image.new("RGB", (480, 320), "white")
        ImageDraw.Draw(picture).text((20, 20), f"{label} {uuid4()}", fill="black")
        content = io.BytesIO()
        picture.save(content, kind)
        media_type = {"PNG": "image/png", "PDF": "application/pdf"}[kind]
        return self.hand_in(key, content.getvalue(), media_type)

    def hand_in(self, key: str, content: bytes, media_type: str) -> str:
        """Upload a file as this person; its SHA-256."""
        answer = self._http.post(
            self._api + "/uploads",
            files={"file": ("file", content, media_type)},
            headers=self.headers(key),
            timeout=30,
        )
        return str(self._read(answer)["sha256"])

    def meanwhile(self, work: Callable[[], Found]) -> Callable[[], Found]:
        """Begin this and go on; what it comes to is waited for when it is asked for."""
        return self._hands.submit(work).result

    def printed_address(self, token: str) -> str:
        """What a lift's code says."""
        return f"{self._public_url}/e/{token}"

    def write(self, key: str, text: str) -> None:
        """The person writes to the service account."""
        self.platform("POST", f"/people/{CAST[key].shown}/messages", {"text": text})

    def tap(self, key: str, label: str) -> None:
        """The person taps the newest menu choice with this label; raises DemoFailed without one."""
        name = CAST[key].shown
        choice = self._choice(name, label)
        if choice is None:
            raise DemoFailed(f"{name} 的聊天里没有可点的“{label}”")
        self.platform("POST", f"/people/{name}/taps", {"choice_id": choice})

    def offers(self, key: str, label: str) -> bool:
        """Whether the person's chat has a menu choice with this label."""
        return self._choice(CAST[key].shown, label) is not None

    def _choice(self, name: str, label: str) -> str | None:
        for message in reversed(self.platform("GET", f"/people/{name}/messages")["messages"]):
            for choice in message["choices"]:
                if choice["text"] == label:
                    return str(choice["id"])
        return None

    def set_clock(self, moment: datetime) -> None:
        """Move the whole house to this moment (aware)."""
        self.platform("PUT", "/clock", {"now": moment.isoformat()})

    def now(self) -> datetime:
        """The house's time in Shanghai."""
        return self._ctx.clock().astimezone(SHANGHAI)

    def catch_up(self, sweeps: bool = True) -> None:
        """Wait until workers and cron have nothing left to do at this moment; without `sweeps`, but
        for what a sweep will find some seconds later."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while waiting := self._unfinished(sweeps):
            if time.monotonic() > give_up_at:
                raise DemoFailed(f"{PATIENCE_SECONDS} 秒后仍未办完：{waiting}")
            time.sleep(0.1)

    def news(self) -> list[Json]:
        """What was delivered to anybody since this was last asked."""
        messages = self.platform("GET", f"/messages?after={self._read_to}")["messages"]
        if messages:
            # Two sent at once may be kept in the other order than their numbers.
            self._read_to = max(message["id"] for message in messages)
        return [message for message in messages if message["direction"] == "in"]

    def platform(self, method: str, path: str, body: Json | None = None) -> Json:
        """One request to the emulator's control API."""
        return self._send(method, self._platform + path, body, {})

    def _unfinished(self, sweeps: bool) -> str:
        """What waits, in words; "" for nothing.

        Asked in one statement: work that moves on between two, a callback done and its answer
        written, would be seen by neither.
        """
        now = self._ctx.clock()
        waiting: dict[str, tuple[type[Base], ColumnElement[bool]]] = {
            "待发消息": (Outbox, Outbox.state.in_((OutboxState.CREATED, OutboxState.SENDING))),
            "待办回调": (Inbox, Inbox.state == InboxState.NEW),
        }
        found_by_sweeps: dict[str, tuple[type[Base], ColumnElement[bool]]] = {
            "待发提醒": (
                DeadlineRecord,
                and_(
                    DeadlineRecord.state == DeadlineState.OPEN,
                    DeadlineRecord.next_reminder_at <= now,
                ),
            ),
            "待自动办理": (Purchase, Purchase.wakes_at <= now),
        }
        if sweeps:
            waiting |= found_by_sweeps
        counts = [
            select(func.count()).select_from(record).where(due).scalar_subquery()
            for record, due in waiting.values()
        ]
        with self._ctx.sessions() as tx:
            found = tx.execute(select(*counts)).one()
        return "、".join(
            f"{name} {count}" for name, count in zip(waiting, found, strict=True) if count
        )

    def headers(self, key: str | None) -> dict[str, str]:
        """How this person is signed in."""
        headers = {"Idempotency-Key": str(uuid4())}
        if key is not None:
            headers["Authorization"] = f"Bearer {self._tokens[key]}"
        return headers

    def _send(self, method: str, url: str, body: Json | None, headers: dict[str, str]) -> Json:
        return self._read(self._http.request(method, url, json=body, headers=headers, timeout=30))

    def _read(self, answer: requests.Response) -> Json:
        if answer.status_code >= 400:
            path = answer.request.path_url
            raise DemoFailed(
                f"{answer.request.method} {path} → {answer.status_code}：{answer.text[:500]}"
            )
        found: Json = answer.json() if answer.content else {}
        return found
