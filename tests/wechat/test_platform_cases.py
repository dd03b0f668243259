"""Callbacks as the platform really pushes them: tests/data/platform/callbacks.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.services.base import audit
from backend.services.base.own_words import keep_phone, phone_of
from backend.services.messages import inbox
from backend.store.audit import AuditEntry
from backend.store.messages import Consent
from backend.store.people import Identity, LoginSession, Person
from backend.store.purchases import Purchase
from backend.store.registry import Owner
from backend.store.signatures import Approval
from backend.wechat.incoming import read_message
from tests.build.talk import Talk
from tests.build.village import Village

DATA = Path(__file__).parents[1] / "data" / "platform" / "callbacks.json"
PHONE = "19900001234"


def sent(name: str) -> list[Mapping[str, Any]]:
    cases = json.loads(DATA.read_text(encoding="utf-8"))["cases"]
    found: list[Mapping[str, Any]] = next(each["send"] for each in cases if each["name"] == name)
    return found


def pushed(talk: Talk, message: Mapping[str, Any], openid: str, appid: str) -> None:
    """The platform pushes it as often as it says, in the name of this person."""
    fields = {key: value for key, value in message.items() if key not in ("app", "times")}
    fields |= {key: openid for key in ("FromUserName", "OpenID") if key in fields}
    incoming = read_message(json.dumps({"CreateTime": int(talk.ctx.clock().timestamp()), **fields}))
    for _ in range(message.get("times", 1)):
        row_id = inbox.receive(talk.ctx, appid, incoming.dedupe_key, incoming.for_inbox())
        if row_id is not None:
            talk.woken.append(row_id)
    talk.pump()


def openid_of(talk: Talk, name: str, app: str) -> str:
    return str(talk.emulator.control("GET", f"/people/{name}")["openids"][app])


def answers(talk: Talk) -> int:
    with talk.ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(Approval)) or 0


def test_one_number_of_two_people_is_two_answers(talk: Talk, purchase: Purchase) -> None:
    for name, message in zip(("member0", "member1"), sent("one number of two people"), strict=True):
        talk.says(name, "方案")
        pushed(talk, message, openid_of(talk, name, "service"), talk.appid)
    assert answers(talk) == 2


def test_three_tries_of_one_are_one_answer(talk: Talk, purchase: Purchase) -> None:
    talk.says("member0", "方案")
    (message,) = sent("three tries of one")
    pushed(talk, message, openid_of(talk, "member0", "service"), talk.appid)
    assert answers(talk) == 1


class TestTakenBack:
    @pytest.fixture
    def anna(self, talk: Talk, village: Village) -> UUID:
        """An owner who is bound by the phone that she showed to the mini-program."""
        person_id = village.actor("owner0").person_id
        talk.uses_the_mini_program("安娜", person_id)
        with talk.ctx.sessions() as tx:
            person = tx.get_one(Person, person_id)
            keep_phone(talk.ctx.cipher, person, PHONE)
            person.phone_verified_at = talk.ctx.clock()
            tx.commit()
        return person_id

    def phone(self, talk: Talk, person_id: UUID) -> str | None:
        with talk.ctx.sessions() as tx:
            return phone_of(talk.ctx.cipher, tx.get_one(Person, person_id))

    def noted(self, talk: Talk, action: AuditAction) -> int:
        with talk.ctx.sessions() as tx:
            assert audit.verify(tx).ok
            of_action = select(func.count()).where(AuditEntry.action == str(action))
            return tx.scalar(of_action) or 0

    def test_the_phone_is_erased_what_it_bound_stays_and_the_chain_shows_it(
        self, talk: Talk, anna: UUID
    ) -> None:
        (message,) = sent("authorisation taken back")
        openid = openid_of(talk, "安娜", "mini")
        pushed(talk, message, openid, talk.ctx.platform.mini_appid)
        assert self.phone(talk, anna) is None
        assert self.noted(talk, AuditAction.PHONE_REVOKE) == 1
        with talk.ctx.sessions() as tx:
            person = tx.get_one(Person, anna)
            assert (person.phone_hash, person.phone_verified_at, person.left_at) == (None,) * 3
            assert tx.scalar(select(Owner.id).where(Owner.person_id == anna))

    @pytest.mark.parametrize(("what", "stays"), [("8", False), ("6", True), ("2", True)])
    def test_only_what_we_have_can_be_taken_back(
        self, talk: Talk, anna: UUID, what: str, stays: bool
    ) -> None:
        self.does(talk, "take-back", {"what": what})
        assert (self.phone(talk, anna) == PHONE) == stays
        assert self.noted(talk, AuditAction.PHONE_REVOKE) == (not stays)

    def test_a_number_that_was_typed_was_no_authorisation(self, talk: Talk, anna: UUID) -> None:
        with talk.ctx.sessions() as tx:
            tx.get_one(Person, anna).phone_verified_at = None
            tx.commit()
        self.does(talk, "take-back", {"what": "8"})
        assert self.phone(talk, anna) == PHONE

    def test_whoever_closes_the_account_is_erased_and_signed_out(
        self, talk: Talk, anna: UUID
    ) -> None:
        talk.pops_up("安娜", notice_ending="accept")
        with talk.ctx.sessions() as tx:
            now = system_clock()
            session = LoginSession(token_hash=b"x", person_id=anna, created_at=now, expires_at=now)
            tx.add(session)
            tx.commit()
        self.does(talk, "close-account", None)
        assert self.phone(talk, anna) is None
        assert self.noted(talk, AuditAction.PERSON_DELETE_ACCOUNT) == 1
        with talk.ctx.sessions() as tx:
            assert tx.get_one(Person, anna).left_at
            for table in (Identity, LoginSession, Owner):
                assert not tx.scalars(select(table).where(table.person_id == anna)).all()
            assert tx.scalars(select(Consent)).all() == []

    def test_strangers_take_nothing_back(self, talk: Talk) -> None:
        talk.emulator.person("乙")
        for act in ("take-back", "close-account"):
            talk.emulator.control("POST", f"/people/乙/{act}", {} if act == "take-back" else None)
            talk.pump()
        with talk.ctx.sessions() as tx:
            assert tx.scalars(select(Person)).all() == []

    def does(self, talk: Talk, act: str, body: dict[str, str] | None) -> None:
        done = talk.emulator.control("POST", f"/people/安娜/{act}", body)["callback"]
        assert done["answered"], done
        talk.pump()
