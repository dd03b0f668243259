"""People on both sides of a test: in the emulator, and as rows."""

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.config import Settings
from backend.domain.channels import CHAT, TEMPLATE
from backend.services.base.context import Context
from backend.services.messages import outbox
from backend.store.messages import ChannelState, Outbox
from backend.store.people import AccessGrant, Identity, Person

REMINDER = {
    "estate": "示例小区",
    "task": "拨付保费至保险机构",
    "number": "SQ-2025-000001",
    "due": "2025年3月12日 23:59",
    "left": "还有3个工作日",
}
KEYS = count(1)


@dataclass(frozen=True)
class Follower:
    """Someone who follows the service account."""

    name: str
    openid: str
    person_id: UUID


class Platform:
    """The emulator's control API, with its callbacks switched off."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        for app in ("service", "mini"):
            self.control("PUT", "/callback", {"url": None, "app": app})

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call, which must succeed."""
        url = f"{self.settings.wechat_url}/sandbox{path}"
        answer = requests.request(method, url, json=body, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def follower(
        self, ctx: Context, name: str, reachable: bool = True, unionid: str | None = None
    ) -> Follower:
        """Make someone who follows us, and the rows that say so."""
        made = self.control("POST", "/people", {"name": name, "subscribed": True})
        openid = made["openids"]["service"]
        return known_follower(ctx, name, openid, reachable, unionid)

    def heard(self, name: str | None = None) -> list[dict[str, Any]]:
        """What was delivered, to one person or to all, in order."""
        path = f"/people/{name}/messages" if name else "/messages"
        messages = self.control("GET", path)["messages"]
        return [message for message in messages if message["direction"] == "in"]

    def fail(self, call: str, kind: str, **values: object) -> None:
        """Let the next calls go wrong."""
        self.control("POST", "/faults", {"call": call, "kind": kind, **values})

    def calls(self, path: str) -> int:
        """How often a platform path was called."""
        return int(self.control("GET", "/calls")["calls"].get(path, 0))


def known_follower(
    ctx: Context, name: str, openid: str, reachable: bool = True, unionid: str | None = None
) -> Follower:
    """The rows of somebody who follows us, whether a platform knows them or not."""
    with ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.flush()
        tx.add(
            Identity(
                person_id=person.id,
                platform="service_account",
                appid=ctx.platform.service_appid,
                openid=openid,
                unionid=unionid,
                reachable=reachable,
                seen_at=ctx.clock(),
            )
        )
        # Reminders are for those who have the part that they speak to.
        tx.add(
            AccessGrant(
                person_id=person.id, role="cashier", scope_kind="city", granted_at=ctx.clock()
            )
        )
        tx.commit()
    return Follower(name, openid, person.id)


def write_reminder(tx: Session, ctx: Context, person_id: UUID, key: str | None = None) -> UUID:
    """Write one reminder; without `key` it is a new one."""
    row_id = outbox.write(
        tx,
        ctx.clock(),
        outbox.Message(
            natural_key=key or f"test/{next(KEYS)}",
            person_id=person_id,
            role="cashier",
            channel=TEMPLATE,
            template="deadline_reminder",
            data=REMINDER,
            subject=None,
        ),
    )
    assert row_id is not None
    return row_id


def write_chat(tx: Session, ctx: Context, person_id: UUID, text: str = "您好") -> UUID:
    """Write one chat message."""
    row_id = outbox.write(
        tx,
        ctx.clock(),
        outbox.Message(
            natural_key=f"test/{next(KEYS)}",
            person_id=person_id,
            role="follower",
            channel=CHAT,
            template="text",
            data={"text": text},
            subject=None,
        ),
    )
    assert row_id is not None
    return row_id


def try_closed_channels(ctx: Context) -> None:
    """As if the pauses were over after which a message tries a closed channel."""
    with ctx.sessions() as tx:
        tx.execute(update(Outbox).where(Outbox.state == "created").values(try_at=system_clock()))
        shut = update(ChannelState).where(ChannelState.since.is_not(None))
        tx.execute(shut.values(probe_at=system_clock()))
        tx.commit()


def row(ctx: Context, row_id: UUID) -> Outbox:
    """An outbox row as it is now."""
    with ctx.sessions() as tx:
        return tx.scalars(select(Outbox).where(Outbox.id == row_id)).one()
