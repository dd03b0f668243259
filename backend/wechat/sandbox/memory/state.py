"""What the emulator knows: people, their conversations, and the messages that went both ways.

Kept in memory behind one lock and written to one file a moment after each change, so that a
restart goes on with the same people and messages.
"""

import atexit
import base64
import hashlib
import os
import time
from collections import deque
from datetime import datetime, timedelta
from threading import Event, RLock, Thread
from typing import Literal

from pydantic import BaseModel, Field

from backend.clock import Clock
from backend.config import Settings
from backend.domain.errors import refuse

KEPT_MESSAGES = 5_000
SAVE_PAUSE_SECONDS = 1.0

# After a message of the person: five chat messages within 48 hours. After a follow: three within
# a minute.
AFTER_MESSAGE = (5, timedelta(hours=48))
AFTER_FOLLOW = (3, timedelta(minutes=1))


Verdict = Literal["pass", "review", "risky"]


class Window(BaseModel):
    """A time in which chat messages to a person are allowed, and how many are left."""

    until: datetime
    left: int


class Person(BaseModel):
    """Someone with WeChat on the phone. The ids derive from the name: a restart changes nothing.

    `consents` counts the accepted popups not yet used, by the platform's template id;
    `authenticator` is the secret that an app on the phone keeps, `code_step` the step of time whose
    code it showed last.
    """

    name: str
    openids: dict[str, str]
    unionid: str
    phone: str | None = None
    subscribed: bool = False
    template_result: str = "success"
    subscribe_result: str = "success"
    consents: dict[str, int] = Field(default_factory=dict)
    mini_opened_at: datetime | None = None
    authenticator: str = ""
    code_step: int = 0
    windows: dict[str, Window] = Field(default_factory=dict)


class Choice(BaseModel):
    """One choice of a menu message."""

    id: str
    text: str


class Message(BaseModel):
    """A message between one of our accounts and a person; `subscribe` is the mini-program's.

    `direction` is seen from the person: `in` was delivered, `out` was written. `template` is our
    key, `data` maps labels to the values as shown, `status` is what the platform reported.
    """

    id: int
    at: datetime
    person: str
    direction: Literal["in", "out"]
    type: Literal["template", "text", "menu", "subscribe"]
    text: str
    template: str | None = None
    data: dict[str, str] = Field(default_factory=dict)
    choices: list[Choice] = Field(default_factory=list)
    tail: str = ""
    url: str | None = None
    miniprogram: dict[str, str] | None = None
    client_msg_id: str | None = None
    msgid: str | None = None
    status: str = "success"


class _Saved(BaseModel):
    people: list[Person]
    messages: list[Message]


class State:
    """People and messages; every method may be called from any thread."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.appids = {"service": settings.service_appid, "mini": settings.mini_appid}
        self.clock = clock
        self.lock = RLock()
        self._file = settings.data_dir / "wechat-sandbox.json"
        self._people: dict[str, Person] = {}
        self._by_openid: dict[str, Person] = {}
        self._messages: deque[Message] = deque(maxlen=KEPT_MESSAGES)
        self._last_id = 0
        self.text_verdict: Verdict = "pass"
        self._changed = Event()
        self._load()
        Thread(target=self._save_forever, name="sandbox-saver", daemon=True).start()
        atexit.register(self.save)

    def next_id(self) -> int:
        """A number never given before, not even before a restart or a reset."""
        with self.lock:
            self._last_id = max(self._last_id + 1, time.time_ns() // 1000)
            return self._last_id

    def people(self) -> list[Person]:
        """Everyone, in the order they were made."""
        with self.lock:
            return [person.model_copy(deep=True) for person in self._people.values()]

    def person(self, name: str) -> Person:
        """The person called `name`. Raises Refused (`no_such_person`)."""
        with self.lock:
            if name not in self._people:
                raise refuse("no_such_person", f"没有叫“{name}”的人，请先添加", "name", "missing")
            return self._people[name]

    def with_openid(self, app: str, openid: str) -> Person | None:
        """The person with this openid under the `service` or `mini` app, if there is one."""
        with self.lock:
            person = self._by_openid.get(openid)
            return person if person and person.openids[self.appids[app]] == openid else None

    def put_person(
        self,
        name: str,
        phone: str | None = None,
        subscribed: bool | None = None,
        template_result: str | None = None,
        subscribe_result: str | None = None,
    ) -> Person:
        """Make a person, or change what is given of one who is there."""
        with self.lock:
            person = self._people.get(name) or Person(
                name=name,
                openids=self._openids(name),
                unionid=_id_of(f"unionid:{name}"),
            )
            if phone is not None:
                person.phone = phone
            if subscribed is not None:
                person.subscribed = subscribed
            if template_result is not None:
                person.template_result = template_result
            if subscribe_result is not None:
                person.subscribe_result = subscribe_result
            self._add(person)
            self._changed.set()
            return person.model_copy(deep=True)

    def open_window(self, person: Person, kind: str, allowance: tuple[int, timedelta]) -> None:
        """Allow chat messages to a person again, after the person did something."""
        count, span = allowance
        with self.lock:
            person.windows[kind] = Window(until=self.clock() + span, left=count)
            self._changed.set()

    def use_window(self, person: Person) -> str | None:
        """Use up one allowed chat message; otherwise why not: `closed` or `used_up`."""
        with self.lock:
            running = [w for w in person.windows.values() if self.clock() < w.until]
            for window in running:
                if window.left > 0:
                    window.left -= 1
                    self._changed.set()
                    return None
            return "used_up" if running else "closed"

    def opened(self, person: Person) -> None:
        """The person has the mini-program open now."""
        with self.lock:
            person.mini_opened_at = self.clock()
            self._changed.set()

    def keep_secret(self, person: Person, secret: str) -> None:
        """The authenticator on this phone keeps a secret, in place of any from before."""
        with self.lock:
            person.authenticator, person.code_step = secret, 0
            self._changed.set()

    def next_step(self, person: Person, now: int, ahead: int) -> int | None:
        """The step of time whose code the authenticator shows: none that it showed before, and None
        where that would be further ahead."""
        with self.lock:
            step = max(now, person.code_step + 1)
            if step > now + ahead:
                return None
            person.code_step = step
            self._changed.set()
            return step

    def consent(self, person: Person, template_id: str) -> None:
        """An accepted popup: one more message may be sent."""
        with self.lock:
            person.consents[template_id] = person.consents.get(template_id, 0) + 1
            self._changed.set()

    def refuse_messages(self, person: Person, template_id: str) -> None:
        """Switched off in the mini-program's settings: earlier consents are gone."""
        with self.lock:
            person.consents.pop(template_id, None)
            self._changed.set()

    def use_consent(self, person: Person, template_id: str) -> bool:
        """Use up one consent, if there is one."""
        with self.lock:
            left = person.consents.get(template_id, 0)
            if left <= 0:
                return False
            person.consents[template_id] = left - 1
            self._changed.set()
            return True

    def add_message(self, message: Message) -> None:
        """Keep a message that went one way or the other."""
        with self.lock:
            self._messages.append(message)
            self._changed.set()

    def messages(self, name: str | None = None, after: int = 0) -> list[Message]:
        """Messages with ids above `after`, oldest first, of one person or of all."""
        with self.lock:
            messages = list(self._messages)
        return [m for m in messages if m.id > after and (name is None or m.person == name)]

    def reset(self) -> None:
        """Forget people and messages."""
        with self.lock:
            self._people.clear()
            self._by_openid.clear()
            self._messages.clear()
            self.text_verdict = "pass"
            self._changed.set()

    def save(self) -> None:
        """Write everything to the file, which is replaced in one step."""
        with self.lock:
            people = [person.model_copy(deep=True) for person in self._people.values()]
            saved = _Saved(people=people, messages=list(self._messages))
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_name(f"{self._file.name}.new")
        fresh.write_text(saved.model_dump_json(), encoding="utf-8")
        os.replace(fresh, self._file)

    def _load(self) -> None:
        if not self._file.exists():
            return
        saved = _Saved.model_validate_json(self._file.read_text(encoding="utf-8"))
        for person in saved.people:
            person.openids = self._openids(person.name)  # the apps may be other ones now
            self._add(person)
        self._messages.extend(saved.messages)

    def _openids(self, name: str) -> dict[str, str]:
        return {appid: _id_of(f"{appid}:{name}") for appid in self.appids.values()}

    def _add(self, person: Person) -> None:
        self._people[person.name] = person
        for openid in person.openids.values():
            self._by_openid[openid] = person

    def _save_forever(self) -> None:
        while True:
            self._changed.wait()
            time.sleep(SAVE_PAUSE_SECONDS)
            self._changed.clear()
            self.save()


def _id_of(seed: str) -> str:
    """28 characters that look like an openid and are the same for the same seed."""
    digest = hashlib.sha256(seed.encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]
