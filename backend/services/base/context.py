"""What every service needs, handed over by the composition root."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from backend.clock import Clock
from backend.domain.channels import App
from backend.domain.city.schema import CityProfile
from backend.domain.objection import Verdict
from backend.domain.roles import Role
from backend.store.cipher import Cipher
from backend.store.files import FileStore


@dataclass(frozen=True)
class MiniProgramLogin:
    """What the platform vouches for after a login code was redeemed."""

    openid: str
    unionid: str | None


class Platform(Protocol):
    """What services ask of the platform while a person waits; `wechat` implements it.

    Ask outside of transactions: an answer may take seconds.
    """

    mini_appid: str
    service_appid: str

    def login(self, code: str) -> MiniProgramLogin:
        """Redeem a login code of the mini-program.

        Raises Refused `login_code_invalid` for a used or foreign code, `platform_unavailable`.
        """
        ...

    def unionid(self, openid: str) -> str | None:
        """Who a follower of the service account is across our apps; None for anybody else."""
        ...

    def check_text(self, openid: str, text: str, scene: int = 2) -> Verdict:
        """What the platform thinks of words somebody wants to publish; never raises.

        `openid` of the mini-program, opened within two hours; `text` of at most 2,500 characters;
        `scene`: 1 profile, 2 comment, 3 forum, 4 diary.
        """
        ...

    def phone_number(self, code: str) -> str:
        """The phone number a person showed to the mini-program, digits only without `+86`.

        Raises Refused `phone_code_invalid` for a used, old or foreign code,
        `platform_unavailable`.
        """
        ...

    def mini_code(self, scene: str, page: str, width: int) -> bytes:
        """A picture of the round code that opens `page` of the mini-program with `scene`.

        `scene` of 1–32 characters, `width` 280–1,280 pixels. Raises Refused `scene_invalid`,
        `platform_unavailable`.
        """
        ...


@dataclass(frozen=True)
class Heading:
    """How lists and messages call a subject: its number, the estate (or place) it is in, and which
    part of that, such as 6栋 · 4台."""

    number: str
    estate: str
    area: str = ""


class SubjectKind(Protocol):
    """What the house knows of one kind of subject; limits, reminders and lists know no more.

    A new kind is one such class, and one line where the house is put together.
    """

    def headings(self, tx: Session, subject_ids: Iterable[UUID]) -> Mapping[UUID, Heading]:
        """What people call each of them."""
        ...

    def rules(
        self, tx: Session, ctx: "Context", subject_ids: Iterable[UUID]
    ) -> Mapping[UUID, CityProfile]:
        """The city's rules that hold for each of them."""
        ...

    def lock(self, tx: Session, subject_id: UUID) -> None:
        """Keep others from moving it on; taken before any lock on its limits."""
        ...

    def title(self, limit: str) -> str:
        """What a limit of this kind asks for, in the words of a reminder."""
        ...

    def page(self, subject_id: UUID, limit: str, role: Role) -> str:
        """What a message about it opens for somebody in this role, in the mini-program."""
        ...

    def people_to_act(
        self, tx: Session, ctx: "Context", limits: Iterable[tuple[UUID, str]]
    ) -> Mapping[tuple[UUID, str], Mapping[Role, Sequence[UUID]]]:
        """Who must still act within each of these limits of subjects, by their role: whoever must
        act is named first, then those who are warned with them."""
        ...


@dataclass(frozen=True)
class Context:
    """The parts a service works with. A service opens one session, and commits once, itself:

        with ctx.sessions() as tx:
            ...
            tx.commit()

    Leaving the block without a commit rolls everything back. `kinds` are the kinds of subjects that
    can have time limits; `document_fonts` is the folder of the city's own fonts for documents.
    """

    sessions: sessionmaker[Session]
    clock: Clock
    city: CityProfile
    cipher: Cipher
    files: FileStore
    platform: Platform
    kinds: Mapping[str, SubjectKind]
    document_fonts: Path | None = None

    def appid_of(self, app: App) -> str:
        """The platform's id of one of our apps."""
        service = app is App.SERVICE_ACCOUNT
        return self.platform.service_appid if service else self.platform.mini_appid


@dataclass(frozen=True)
class Proof:
    """What a session shows beside the platform's word (二次验证): its keyed hash, whether the
    person has a second factor, whether their office needs one, and when it was last proved there.
    """

    session_hash: bytes
    has_factor: bool
    needs_factor: bool
    proved_at: datetime | None


@dataclass(frozen=True)
class Actor:
    """The person behind a request, as proved by the platform.

    `seen_version` is the version of the case that the person had before their eyes, if they said;
    `proof` is None for who came without a session, as in chat; it makes nobody somebody else.
    """

    person_id: UUID
    seen_version: int | None = None
    proof: Proof | None = field(default=None, compare=False)
