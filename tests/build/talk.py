"""A whole conversation in one process: emulator → callback → inbox → bot → outbox → emulator."""

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select, update

from backend.clock import system_clock
from backend.services.base.context import Context
from backend.services.messages import inbox, leases
from backend.services.messages.inbox import Handle
from backend.services.messages.sending import deliver
from backend.store.messages import Inbox, Outbox
from backend.store.people import Identity
from backend.wechat.channels.sending import Channels
from backend.wechat.choices import Action, Choice, choice_id
from backend.wechat.incoming import read_message
from backend.wechat.templates import SUBSCRIBE_TEMPLATES
from tests.build.village import Village, stage
from tests.build.waiting import eventually


def _following(ctx: Context, appid: str, name: str, person_id: UUID, openid: str) -> Identity:
    return Identity(
        person_id=person_id,
        platform="service_account",
        appid=appid,
        openid=openid,
        unionid=f"union-of-{name}",
        reachable=True,
        seen_at=ctx.clock(),
    )


@stage
def _follow(village: Village, appid: str, openids: tuple[tuple[str, str], ...]) -> None:
    ctx = village.ctx
    with ctx.sessions() as tx:
        for name, openid in openids:
            tx.add(_following(ctx, appid, name, village.actor(name).person_id, openid))
        tx.commit()


class Emulator(Protocol):
    """The running emulator of this folder's conftest."""

    def control(self, method: str, path: str, body: Any = None) -> Any: ...

    def person(self, name: str, follows: bool = True) -> str: ...

    def heard(self, name: str) -> list[dict[str, Any]]: ...


@dataclass
class Talk:
    """Everything between a phone and our rows, moved by hand so that tests need not wait."""

    ctx: Context
    emulator: Emulator
    handle: Handle
    channel: Channels
    woken: list[UUID] = field(default_factory=list)

    def knows(self, name: str, person_id: UUID | None = None) -> None:
        """Someone follows us; with `person_id` we know already who they are."""
        openid = self.emulator.person(name)
        if person_id is None:
            return
        with self.ctx.sessions() as tx:
            tx.add(_following(self.ctx, self.appid, name, person_id, openid))
            tx.commit()

    @property
    def appid(self) -> str:
        """The service account."""
        return self.ctx.platform.service_appid

    def everybody_follows(self, village: Village, *names: str) -> None:
        """People of the village follow us, and we know who they are."""
        _follow(village, self.appid, tuple((name, self.emulator.person(name)) for name in names))

    def uses_the_mini_program(self, name: str, person_id: UUID) -> None:
        """Someone whom we know signs in to the mini-program."""
        self.emulator.control("POST", "/people", {"name": name})
        self.emulator.control("POST", f"/people/{name}/open")
        openids = self.emulator.control("GET", f"/people/{name}")["openids"]
        with self.ctx.sessions() as tx:
            tx.add(
                Identity(
                    person_id=person_id,
                    platform="mini_program",
                    appid=self.ctx.platform.mini_appid,
                    openid=openids["mini"],
                    unionid=None,
                    reachable=False,
                    seen_at=self.ctx.clock(),
                )
            )
            tx.commit()

    def pops_up(self, name: str, **answers: str) -> None:
        """The person answers the popup for messages, by our keys, and we hear of it."""
        ids = {SUBSCRIBE_TEMPLATES[key].platform_id: said for key, said in answers.items()}
        body = {"answers": ids}
        pushed = self.emulator.control("POST", f"/people/{name}/popup", body)["callback"]
        assert pushed["answered"], pushed
        self.pump()

    def says(self, name: str, text: str) -> str:
        """What the bot answers to a message, all of it."""
        return self._after(name, "messages", {"text": text})

    def taps(self, name: str, label: str) -> str:
        """What the bot answers when the newest choice with this label is tapped."""
        return self._after(name, "taps", {"choice_id": self.newest_choice(name, label)})

    def newest_choice(self, name: str, label: str) -> str:
        """The id of the newest choice with this label."""
        choices = [choice for message in self.emulator.heard(name) for choice in message["choices"]]
        found: list[str] = [choice["id"] for choice in choices if choice["text"] == label]
        return found[-1]

    def does(self, name: str, act: str) -> str:
        """What the bot answers to `follow` or `unfollow`."""
        return self._after(name, act, None)

    def person_of(self, name: str) -> UUID:
        """Whom we take this follower for."""
        openid = self.emulator.control("GET", f"/people/{name}")["openids"]["service"]
        with self.ctx.sessions() as tx:
            return tx.scalars(select(Identity.person_id).where(Identity.openid == openid)).one()

    def invitations(self) -> int:
        """How many members were invited to decide."""
        with self.ctx.sessions() as tx:
            rows = tx.scalars(select(Outbox).where(Outbox.template == "approval_invitation"))
            return len(rows.all())

    def offered(self, person_id: UUID, action: Action, plan_id: UUID) -> str:
        """The id of a choice as the person would find it in a message."""
        return choice_id(self.ctx.cipher, person_id, Choice(action, plan_id))

    def pump(self) -> None:
        """Let the workers work."""
        ids, self.woken[:] = list(self.woken), []
        inbox.process(self.ctx, ids, self.handle)
        deliver(self.ctx, leases.due_ids(self.ctx), self.channel.send)

    def pause_is_over(self) -> None:
        """What could not be worked on before may be tried again."""
        with self.ctx.sessions() as tx:
            tx.execute(update(Inbox).values(try_at=system_clock()))
            tx.commit()

    def receives(self, name: str, fields: str) -> None:
        """Work on a callback that the emulator would not send; `fields` is XML."""
        self.woken.append(self.stored(name, fields))
        self.pump()

    def stored(self, name: str, fields: str) -> UUID:
        """Such a callback in the inbox, for somebody to work on."""
        openid = self.emulator.control("GET", f"/people/{name}")["openids"]["service"]
        body = (
            f"<xml><FromUserName>{openid}</FromUserName><CreateTime>1740963600</CreateTime>"
            f"{fields}</xml>"
        )
        appid, kept = self.ctx.platform.service_appid, read_message(body).for_inbox()
        row_id = inbox.receive(self.ctx, appid, f"by-hand/{fields}", kept)
        assert row_id is not None
        return row_id

    def silence(self) -> None:
        """Let the platform push nothing more, and wait for what is on its way to us."""
        for app in ("service", "mini"):
            self.emulator.control("PUT", "/callback", {"url": None, "app": app})
        eventually(lambda: all(self._ended(push) for push in self._pushed()))

    def _pushed(self) -> list[dict[str, Any]]:
        pushed: list[dict[str, Any]] = self.emulator.control("GET", "/callbacks")["callbacks"]
        return pushed

    @staticmethod
    def _ended(push: dict[str, Any]) -> bool:
        return push["answered"] or len(push["attempts"]) == 3

    def _after(self, name: str, act: str, body: dict[str, str] | None) -> str:
        before = len(self._chat(name))
        pushed = self.emulator.control("POST", f"/people/{name}/{act}", body)["callback"]
        assert pushed["answered"], pushed
        self.pump()
        return "\n".join(self._chat(name)[before:])

    def _chat(self, name: str) -> list[str]:
        return [
            "\n".join([m["text"], *(f"[{choice['text']}]" for choice in m["choices"])])
            for m in self.emulator.heard(name)
            if m["type"] not in ("template", "subscribe")
        ]
