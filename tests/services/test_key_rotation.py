"""One key takes the other's place while the programs work; what was moved does not open."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Text, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from uuid_utils.compat import uuid7

from backend.domain.channels import CHAT
from backend.domain.imports import ImportKind
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.base.own_words import keep_name, keep_phone, name_of
from backend.services.messages import inbox, outbox
from backend.services.messages.conversations import Turn, last_turn, remember
from backend.services.people import (
    desk_drafts,
    idempotency,
    invitations,
    key_rotation,
    lockouts,
    phones,
    rectification_requests,
    second_factors,
    subject_access,
)
from backend.services.people.grants import Granted
from backend.services.people.idempotency import Answer
from backend.services.people.key_check import note_key
from backend.services.people.sessions import authenticate
from backend.services.public_notice import objections
from backend.services.workbooks import imports
from backend.services.workbooks.import_work import Compared
from backend.store import keys
from backend.store.cipher import UNBOUND, Cipher, SealBroken
from backend.store.notices import Objection
from backend.store.people import KeyCheck, Person
from backend.store.purchases import Plan
from backend.store.registry import CommitteeMember, Owner
from backend.store.sealed import IN_JSON, SEALED, Sealed
from backend.wechat.channels.chat import sealed_words
from backend.wechat.choices import Choice, choice_id, open_choice
from tests.build.bank_statements import BankDesk
from tests.build.clock import MORNING, ManualClock
from tests.build.context import SETTINGS
from tests.build.databases import Database
from tests.build.fund import PRINCIPAL_FEN, Fund
from tests.build.looking import add_person
from tests.build.office import Authenticator
from tests.build.sealing import of_before, owners_sessions
from tests.build.village import TOKEN, Village
from tests.build.workbooks import bring_registry, registry_rows

FIRST = SETTINGS.secret_key.get_secret_value()
SECOND = "a second secret for tests only, long enough"
PHONE = "13800000077"

Place = tuple[str, UUID]


@dataclass
class House:
    """A village, and its database in the hands of whoever changes the key."""

    village: Village
    url: str
    owner: sessionmaker[Session]

    def with_keys(self, *secrets: str) -> Context:
        """The context of a program with these keys."""
        cipher = Cipher(*secrets, unbound=keys.MayBeUnbound(self.url))
        return replace(self.village.ctx, cipher=cipher)

    def note(self, *secrets: str) -> None:
        """What `tibao migrate` does with these keys."""
        note_key(self.owner, self.with_keys(*secrets).cipher)

    def rotate(self, *secrets: str) -> key_rotation.Outcome:
        """What `tibao keys rotate` does with these keys."""
        return key_rotation.rotate(self.owner, self.with_keys(*secrets).cipher, lambda *_: None)

    def status(self, *secrets: str) -> key_rotation.Status:
        """What `tibao keys status` tells, with the programs' own rights."""
        ctx = self.with_keys(*secrets)
        return key_rotation.status(ctx.sessions, ctx.cipher)

    def values(self) -> list[tuple[Sealed, UUID, bytes]]:
        """Every sealed value there is."""
        with self.owner() as tx:
            return [
                (place, row_id, bytes(value))
                for place in SEALED
                for row_id, value in tx.execute(
                    select(place.row_id, place.value).where(place.value.is_not(None))
                )
            ]

    def opened(self, *secrets: str) -> dict[Place, str]:
        """All that is sealed, as a program with these keys reads it."""
        cipher = self.with_keys(*secrets).cipher
        return {
            (place.name, row_id): cipher.open(place.column, row_id, value)
            for place, row_id, value in self.values()
        }

    def put(self, place: Sealed, row_id: UUID, value: bytes) -> None:
        """What somebody does who may do anything in the database."""
        new: Any = value
        if place.in_json:
            words = cast(b64encode(value).decode(), Text)
            new = func.jsonb_set(place.column, array([IN_JSON]), func.to_jsonb(words))
        table = place.model.__tablename__
        with self.owner() as tx:
            tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            which = update(place.model).where(place.row_id == row_id)
            tx.execute(which.values({place.column: new}))
            tx.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
            tx.commit()

    def sealed_as_before(self) -> None:
        """All of it is of the version that bound nothing, and its database says so."""
        cipher = self.with_keys(FIRST).cipher
        for place, row_id, value in self.values():
            words = cipher.open(place.column, row_id, value)
            self.put(place, row_id, of_before(cipher, words))


@pytest.fixture
def house(village: Village, database: Database) -> Iterator[House]:
    """Something of every kind that is sealed."""
    ctx, owner0 = village.ctx, village.actor("owner0")
    _, notice = village.posted()
    with ctx.sessions() as tx:
        keep_phone(ctx.cipher, tx.get_one(Owner, village.owners[0]), PHONE)
        for member in tx.scalars(select(CommitteeMember)):
            keep_phone(ctx.cipher, member, PHONE)
        person = tx.get_one(Person, owner0.person_id)
        keep_name(ctx.cipher, person, "冯样零")
        keep_phone(ctx.cipher, person, "13800000001")
        turn = Turn("confirm", tx.scalars(select(Plan.id)).one(), village.clock(), "太贵")
        remember(tx, ctx.cipher, owner0.person_id, turn)
        message = uuid7()
        words = sealed_words(ctx.cipher, message, {"text": "已记录"})
        said = outbox.Message("reply/1/0", owner0.person_id, "x", CHAT, "text", words, id=message)
        outbox.write(tx, village.clock(), said)
        tx.commit()
    objection = objections.file_objection(ctx, owner0, notice, "price", "保费偏高")
    rectification_requests.open_request(ctx, owner0, "房屋", "应为 102 室")
    lockout = lockouts.lock_out(ctx, None, village.actor("stranger").person_id, "手机丢了")
    lockouts.let_in(ctx, None, lockout, "找回了")
    desk_drafts.keep(ctx, village.actor("clerk"), "/desk/", {"reason": "路人甲说"})
    granted = Granted(Role.CLERK)
    invitations.invite(ctx, add_person(village, "keeper", "administrator"), "冯样零", granted)
    imports.hand_in(
        ctx,
        village.actor("clerk"),
        ImportKind.REGISTRY,
        "台账.xlsx",
        BytesIO(b"-"),
        Compared(),
    )
    app = Authenticator(second_factors.new_secret(ctx, "session"))
    second_factors.enrol(ctx, village.actor("clerk"), "session", app.code())
    inbox.receive(ctx, "wx01", "msg:1", "<xml>一</xml>")
    inbox.keep_unreadable_callback(ctx, "wx01", "<xml>half", "not XML")
    answer_once(ctx, village)
    january, line = (date(2015, 1, 1), date(2015, 1, 31)), (date(2015, 1, 2), 5, "R1", "冯样零")
    BankDesk(village, Fund(village).bank).takes([line], january, PRINCIPAL_FEN)
    with owners_sessions(database) as owner:
        house = House(village, database.url, owner)
        objector = next(place for place in SEALED if place.name == "objection.objector_sealed")
        sealed = ctx.cipher.seal(Objection.objector_sealed, objection.id, "冯样零")
        house.put(objector, objection.id, sealed)
        assert {place.name for place, _, _ in house.values()} == {place.name for place in SEALED}
        yield house


def answer_once(ctx: Context, village: Village) -> str:
    """A write whose answer is kept; the answer."""

    def work(_: Context) -> Answer:
        return Answer(201, '{"name": "冯样零"}')

    return idempotency.answer_once(ctx, village.actor("owner0"), "key-00000001", "hash", work).body


# --- moved values ---


def test_no_value_opens_in_the_place_of_any_other(house: House) -> None:
    cipher, values = house.with_keys(FIRST).cipher, house.values()
    assert len(values) > 20
    for (place, row_id, _), (_, _, moved) in permutations(values, 2):
        with pytest.raises(SealBroken):
            cipher.open(place.column, row_id, moved)


def test_two_owners_whose_names_were_swapped_are_refused_and_named_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    names = [(place, row, value) for place, row, value in house.values() if place is SEALED[0]]
    (place, one, of_one), (_, other, of_other) = names[:2]
    house.put(place, one, of_other)
    house.put(place, other, of_one)
    ctx = house.with_keys(FIRST)
    for owner_id in (one, other):
        with ctx.sessions() as tx, pytest.raises(SealBroken, match="another place"):
            name_of(ctx.cipher, tx.get_one(Owner, owner_id))
        assert f"owner.name_sealed of row {owner_id}" in caplog.text
    house.note(FIRST)
    house.note(SECOND, FIRST)
    outcome = house.rotate(SECOND, FIRST)
    assert outcome.left == {"owner.name_sealed": 2}
    assert len(outcome.found.broken) == 2
    with house.owner() as tx:  # nothing is given up for a value that does not open
        assert tx.scalars(select(KeyCheck.retired_at)).all() == [None, None]


# --- from one key to the next ---


def test_a_new_key_takes_the_place_of_the_old_one(house: House) -> None:
    before = house.opened(FIRST)
    house.note(FIRST)
    house.note(SECOND, FIRST)
    outcome = house.rotate(SECOND, FIRST)
    assert (outcome.changed, outcome.left) == (len(before), {})
    assert (outcome.found.broken, outcome.found.odd) == ([], [])
    assert house.opened(SECOND) == before
    again = house.rotate(SECOND, FIRST)
    assert (again.changed, again.left) == (0, {})
    status = house.status(SECOND)
    assert [(key.retired, key.values) for key in status.keys] == [(True, 0), (False, len(before))]
    assert (status.left, status.unbound) == ({}, 0)
    with pytest.raises(SealBroken, match="none of ours"):
        house.opened(FIRST)


def test_what_is_found_by_a_hash_is_found_by_the_new_key_alone(house: House) -> None:
    house.note(FIRST)
    house.note(SECOND, FIRST)
    house.rotate(SECOND, FIRST)
    ctx, village = house.with_keys(SECOND), house.village
    assert phones_of(ctx, PHONE) == 4
    with ctx.sessions() as tx:
        owner = tx.get_one(Owner, village.owners[0])
        assert owner.name_hash == ctx.cipher.digest("name", name_of(ctx.cipher, owner))


def phones_of(ctx: Context, phone: str) -> int:
    """How many entries of the rosters are found by this phone."""
    digests = ctx.cipher.digests("phone", phone)
    with ctx.sessions() as tx:
        return sum(
            tx.scalar(select(func.count()).where(model.phone_hash.in_(digests))) or 0
            for model in (Owner, CommitteeMember)
        )


def broken_off(house: House, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rotation, one value at a time, whose process is killed after so many of them."""
    monkeypatch.setattr(key_rotation, "BATCH", 1)
    batches = iter(range(after))

    def told(_place: str, _done: int) -> None:
        if next(batches, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        key_rotation.rotate(house.owner, house.with_keys(SECOND, FIRST).cipher, told)
    monkeypatch.undo()


@pytest.mark.parametrize("after", [0, 3, 5, 12, 20])
def test_a_rotation_that_is_killed_goes_on_where_it_was(
    house: House, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = house.opened(FIRST)
    house.note(FIRST)
    house.note(SECOND, FIRST)
    broken_off(house, after, monkeypatch)
    status = house.status(SECOND, FIRST)
    assert [key.values for key in status.keys] == [len(before) - after - 1, after + 1]
    assert sum(status.left.values()) == len(before) - after - 1
    assert house.opened(SECOND, FIRST) == before
    outcome = house.rotate(SECOND, FIRST)
    assert (outcome.changed, outcome.left) == (len(before) - after - 1, {})
    assert house.opened(SECOND) == before


@pytest.mark.parametrize("after", [0, 5, 12])
def test_the_programs_read_and_write_while_the_key_changes(
    house: House, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.note(FIRST)
    house.note(SECOND, FIRST)
    village, old = house.village, house.with_keys(FIRST)
    owner0 = village.actor("owner0")
    plan = village.ctx.sessions().scalars(select(Plan.id)).one()
    offered = choice_id(old.cipher, owner0.person_id, Choice("approve", plan))
    broken_off(house, after, monkeypatch)
    ctx = house.with_keys(SECOND, FIRST)

    assert authenticate(ctx, TOKEN.format("owner0")) == owner0
    assert open_choice(ctx.cipher, owner0.person_id, offered) == Choice("approve", plan)
    assert phones_of(ctx, PHONE) == 4
    assert answer_once(ctx, village) == '{"name": "冯样零"}'
    seen = str(subject_access.export(ctx, owner0))
    assert "冯样零" in seen
    assert "13800000001" in seen
    assert "保费偏高" in seen
    with ctx.sessions() as tx:
        turn = last_turn(tx, ctx.cipher, owner0.person_id)
        assert turn is not None
        assert turn.reason == "太贵"
    phones.type_phone(ctx, village.actor("owner1"), "13800000002")
    request = rectification_requests.open_request(ctx, owner0, "电话", "已换")
    lockout = lockouts.lock_out(ctx, None, village.actor("member0").person_id, "离任")

    assert house.rotate(SECOND, FIRST).left == {}
    opened = house.opened(SECOND)
    assert opened["rectification_request.text_sealed", request] == "已换"
    assert opened["lockout.reason_sealed", lockout] == "离任"
    assert opened["person.phone_sealed", village.actor("owner1").person_id] == "13800000002"


def test_what_somebody_writes_while_it_is_brought_forward_is_not_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value is read, somebody writes another one, then the first is to be written anew."""
    house.note(FIRST)
    house.note(SECOND, FIRST)
    ctx, owner0 = house.with_keys(SECOND, FIRST), house.village.actor("owner0")
    seals, meanwhile = ctx.cipher.seal, iter([1])

    def seal(column: Any, row_id: UUID, words: str) -> bytes:
        if column is Person.phone_sealed and next(meanwhile, None):
            other = house.with_keys(SECOND, FIRST)
            phones.type_phone(other, owner0, "13800000009")
        return seals(column, row_id, words)

    monkeypatch.setattr(ctx.cipher, "seal", seal)
    assert key_rotation.rotate(house.owner, ctx.cipher, lambda *_: None).left == {}
    phone = house.opened(SECOND)["person.phone_sealed", owner0.person_id]
    assert phone == "13800000009"


def test_a_value_of_the_old_key_that_turns_up_later_is_brought_forward(house: House) -> None:
    """A program that was forgotten went on with the old key alone."""
    house.note(FIRST)
    house.note(SECOND, FIRST)
    house.rotate(SECOND, FIRST)
    owner1 = house.village.actor("owner1")
    request = rectification_requests.open_request(house.with_keys(FIRST), owner1, "电话", "已换")
    assert house.status(SECOND).left == {"rectification_request.text_sealed": 1}
    assert house.rotate(SECOND).left == {"rectification_request.text_sealed": 1}
    assert house.rotate(SECOND, FIRST).left == {}
    assert house.opened(SECOND)["rectification_request.text_sealed", request] == "已换"


@pytest.mark.parametrize("after", [0, 2, 4, 6])
def test_a_workbook_brought_again_meanwhile_finds_everybody_and_changes_nothing(
    ctx: Context, database: Database, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = registry_rows()
    first = bring_registry(ctx, rows)
    with owners_sessions(database) as owner:
        house = House(Village(ctx, ManualClock(MORNING)), database.url, owner)
        house.note(FIRST)
        house.note(SECOND, FIRST)
        broken_off(house, after, monkeypatch)
        both = house.with_keys(SECOND, FIRST)
        again = bring_registry(both, rows)
        assert {name: (count.added, count.changed) for name, count in again.counts.items()} == (
            dict.fromkeys(first.counts, (0, 0))
        )
        rows["房屋业主"][1][4:6] = ["李示宁、王示和", "19900000009、无"]
        changed = bring_registry(both, rows).counts["业主"]
        assert (changed.added, changed.changed) == (0, 1)
        assert house.rotate(SECOND, FIRST).left == {}
        assert bring_registry(house.with_keys(SECOND), rows).counts["业主"].changed == 0


# --- what was bound to nothing ---


def test_values_of_before_are_opened_then_bound_and_after_that_no_longer_taken(
    house: House,
) -> None:
    before = house.opened(FIRST)
    house.sealed_as_before()
    assert {value[:1] for _, _, value in house.values()} == {UNBOUND}
    house.note(FIRST)
    assert house.opened(FIRST) == before
    assert house.status(FIRST).unbound == len(before)
    kept = house.values()[0]
    assert house.rotate(FIRST).left == {}
    assert house.opened(FIRST) == before
    assert house.status(FIRST).unbound == 0
    house.put(*kept)  # as it lay in an old backup
    with pytest.raises(SealBroken, match="from before"):
        house.opened(FIRST)


def test_they_are_brought_forward_to_a_new_key_at_once(house: House) -> None:
    before = house.opened(FIRST)
    house.sealed_as_before()
    house.note(FIRST)
    house.note(SECOND, FIRST)
    assert house.opened(SECOND, FIRST) == before
    assert house.rotate(SECOND, FIRST).changed == len(before)
    assert house.opened(SECOND) == before


def test_two_names_that_were_swapped_before_anything_was_bound_are_told(house: House) -> None:
    house.sealed_as_before()
    names = [(place, row, value) for place, row, value in house.values() if place is SEALED[0]]
    (place, one, of_one), (_, other, of_other) = names[:2]
    house.put(place, one, of_other)
    house.put(place, other, of_one)
    house.note(FIRST)
    outcome = house.rotate(FIRST)
    assert set(outcome.found.odd) == {f"owner.name_sealed of row {row}" for row in (one, other)}


# --- frozen words ---


def test_only_the_owner_brings_the_words_of_an_objection_forward_and_only_forward(
    house: House,
) -> None:
    place = next(place for place in SEALED if place.name == "objection.text_sealed")
    ((row_id, value),) = [(row, value) for one, row, value in house.values() if one is place]
    forward = house.with_keys(SECOND).cipher.seal(Objection.text_sealed, row_id, "别的话")
    same_key = house.with_keys(FIRST).cipher.seal(Objection.text_sealed, row_id, "别的话")
    unbound = of_before(house.with_keys(SECOND).cipher, "别的话")
    change = update(Objection).where(Objection.id == row_id)
    for sessions, new in (
        (house.village.ctx.sessions, forward),
        (house.village.ctx.sessions, same_key),
        (house.owner, same_key),
        (house.owner, unbound),
        (house.owner, b"\x02"),
    ):
        with sessions() as tx, pytest.raises(DBAPIError, match="objection"):
            tx.execute(change.values(text_sealed=new))
    with house.owner() as tx:
        tx.execute(change.values(text_sealed=forward))
        with pytest.raises(DBAPIError, match="objection"):
            tx.execute(change.values(text_sealed=value, number="YY-2025-000002"))
