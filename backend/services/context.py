"""What every service needs, handed over by the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from backend.clock import Clock
from backend.domain.city import CityProfile
from backend.store.cipher import Cipher
from backend.store.files import FileStore


@dataclass(frozen=True)
class MiniProgramLogin:
    """What the platform vouches for after a login code was redeemed."""

    openid: str
    unionid: str | None


class Platform(Protocol):
    """What services ask of the platform while a person waits; `wechat` implements it.

    `login` raises Refused (`login_code_invalid`) for a used or foreign code; `unionid` returns None
    when the person does not follow the service account.
    """

    mini_appid: str
    service_appid: str

    def login(self, code: str) -> MiniProgramLogin:
        """Redeem a login code of the mini-program."""
        ...

    def unionid(self, openid: str) -> str | None:
        """Who a follower of the service account is across our apps."""
        ...


Wake = Callable[[Sequence[UUID]], None]


@dataclass(frozen=True)
class Context:
    """The parts a service works with. A service opens one session, and commits once, itself:

        with ctx.sessions() as tx:
            ...
            tx.commit()

    Leaving the block without a commit rolls everything back.
    """

    sessions: sessionmaker[Session]
    clock: Clock
    city: CityProfile
    cipher: Cipher
    files: FileStore
    platform: Platform


@dataclass(frozen=True)
class Actor:
    """The person behind a request, as proved by the platform.

    `seen_version` is the version of the case that the person had before their eyes, if they said.
    """

    person_id: UUID
    seen_version: int | None = None
