"""A village whose people hold sessions, and act through the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from backend.domain.ledger import AccountKind
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.public_notice import notices
from backend.services.purchase import approvals, plans, registrations
from backend.services.purchase.approvals import MemberAnswer
from backend.store.base import Base
from backend.store.notices import UploadTry
from backend.store.people import AccessGrant, IdempotencyKey, Person
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Insurer,
    Lift,
    Owner,
    Unit,
)
from tests.build.calling import told
from tests.build.handing_in import speckled
from tests.build.proving import enrolled, proved
from tests.build.village import TOKEN, Village, sign_in, stage

API = "/api/v1"


class Players:
    """Everybody of a village, signed in; `act` speaks as one of them."""

    def __init__(self, client: FlaskClient, village: Village) -> None:
        self.client = client
        self.village = village

    def headers(self, name: str) -> dict[str, str]:
        """The session of this person, and a key of this request alone."""
        return {
            "Authorization": f"Bearer {TOKEN.format(name)}",
            "Idempotency-Key": str(uuid4()),
        }

    def post(self, name: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """POST as this person, with JSON if there is a body."""
        sent = {"json": body} if body is not None else {}
        return self.client.post(API + path, headers=self.headers(name) | headers, **sent)

    def get(self, name: str, path: str, **headers: str) -> TestResponse:
        """GET as this person."""
        return self.client.get(API + path, headers=self.headers(name) | headers)

    def did(self, name: str, path: str, body: Any = None, status: int = 200) -> Any:
        """POST that must succeed; what was answered."""
        answer = self.post(name, path, body)
        assert answer.status_code == status, answer.text
        return told(answer)

    def saw(self, name: str, path: str) -> Any:
        """GET that must succeed; what was answered."""
        answer = self.get(name, path)
        assert answer.status_code == 200, answer.text
        return told(answer)

    def upload(self, name: str) -> str:
        """Upload a picture as this person; its SHA-256."""
        form = {"file": (BytesIO(speckled((800, 600))), "paper.png", "image/png")}
        answer = self.client.post(f"{API}/uploads", data=form, headers=self.headers(name))
        assert answer.status_code == 201, answer.text
        return str(told(answer)["sha256"])


@dataclass(frozen=True)
class Neighbours:
    """The estate next door, with people of its own (`other_…` in `village.people`)."""

    estate: UUID
    unit: UUID
    lift: UUID
    pool: UUID
    owner: UUID
    insurer: UUID


@stage
def populate_neighbours(village: Village) -> Neighbours:
    """Write another estate, another insurer, and their people, who are signed in too."""
    with village.ctx.sessions() as tx:
        estate = _added(
            tx, Estate(code="E2", name="邻里小区", address="示例路2号", district="示例区")
        )
        building = _added(tx, Building(estate_id=estate, name="1栋"))
        unit = _added(tx, Unit(building_id=building, name="1单元"))
        lift = Lift(
            unit_id=unit, registration_code="L-2", name="1号梯", installed_on=date(2015, 6, 1)
        )
        insurer = _added(tx, Insurer(name="另一保险", bank_name="示例银行", bank_account="622"))
        owner = _neighbour_at_home(tx, village, unit)
        _neighbour_in_office(tx, village, estate)
        _let_in(tx, village, "other_manager", "property_manager", "estate", estate)
        _let_in(tx, village, "other_insurer", "insurer", "insurer", insurer)
        pool = ledger.open_account(
            tx, AccountKind.POOLED_INCOME, "P2", "邻里统筹账户", building_id=building
        )
        settled = Neighbours(estate, unit, _added(tx, lift), pool, owner, insurer)
        tx.commit()
    return settled


def _added(tx: Session, row: Any) -> UUID:
    tx.add(row)
    tx.flush()
    return UUID(str(row.id))


def _newcomer(tx: Session, village: Village, name: str) -> UUID:
    """Somebody who is signed in."""
    person = _added(tx, Person(name_sealed=None, created_at=village.clock()))
    village.people[name] = proved(person)
    sign_in(tx, village, name)
    return person


def _neighbour_at_home(tx: Session, village: Village, unit: UUID) -> UUID:
    home = _added(tx, Household(unit_id=unit, room="101", area_dm2=10_000))
    person = _newcomer(tx, village, "other_owner")
    owner = Owner(household_id=home, name_sealed=b"", name_hash=b"other", person_id=person)
    return _added(tx, owner)


def _neighbour_in_office(tx: Session, village: Village, estate: UUID) -> None:
    term = {"term_from": date(2024, 7, 1), "term_until": date(2027, 7, 1)}
    tx.add(
        CommitteeMember(
            committee_id=_added(tx, Committee(estate_id=estate, **term)),
            position="委员",
            name_sealed=b"",
            name_hash=b"other",
            recused=False,
            person_id=_newcomer(tx, village, "other_member"),
        )
    )


def _let_in(
    tx: Session, village: Village, name: str, role: str, scope_kind: str, scope_id: UUID
) -> None:
    tx.add(
        AccessGrant(
            person_id=_newcomer(tx, village, name),
            role=role,
            scope_kind=scope_kind,
            scope_id=scope_id,
            granted_at=village.clock(),
        )
    )


def rows(ctx: Context) -> dict[str, int]:
    """How many rows each table has. Keys and counted tries are no part of what happened."""
    beside = {IdempotencyKey.__tablename__, UploadTry.__tablename__}
    tables = [t for t in Base.metadata.sorted_tables if t.name not in beside]
    counts = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
    with ctx.sessions() as tx:
        found = tx.execute(select(*counts)).one()
    return {table.name: count for table, count in zip(tables, found, strict=True)}


def application(village: Village, **changed: Any) -> dict[str, Any]:
    """What the manager applies for."""
    return {
        "route": "R1",
        "estate_id": str(village.estate),
        "account_id": str(village.pool),
        "insurer_id": str(village.insurer),
        "applicant": "property_company",
        "lift_ids": [str(lift) for lift in village.lifts],
    } | changed


SIGNED_BY_THREE = [
    {"building": "1栋", "unit": f"{number % 2 + 1}单元", "room": f"{number + 1}01", "name": name}
    for number, name in enumerate(("冯样零", "冯样一", "冯样二"))
]


def paper_application(
    village: Village, signed: list[dict[str, str]], file_sha256: str
) -> dict[str, Any]:
    """What owners without a phone apply for, as the clerk enters it."""
    wanted = application(village)
    del wanted["applicant"]
    return wanted | {"signatures": signed, "file_sha256": file_sha256}


def plan(village: Village, premium_fen: int = 130_000, **changed: Any) -> dict[str, Any]:
    """A plan for both lifts from 1 April 2025."""
    return {
        "lifts": [{"lift_id": str(lift), "premium_fen": premium_fen} for lift in village.lifts],
        "sum_insured_fen": 15_000_000,
        "deductible_fen": 0,
        "cover_from": "2025-04-01",
        "cover_ends_before": "2026-04-01",
        "scope_of_cover": "故障维修",
        "exclusions": "人为损坏",
        "service_commitments": "30分钟到场",
    } | changed


def contract(village: Village, file_sha256: str, **changed: Any) -> dict[str, Any]:
    """The contract that fits the plan."""
    return {
        "number": "HT-1",
        "insurer_id": str(village.insurer),
        "premium_fen": 260_000,
        "signed_on": village.clock().date().isoformat(),
        "lift_codes": village.codes,
        "file_sha256": file_sha256,
    } | changed


def invoice(village: Village, file_sha256: str, **changed: Any) -> dict[str, Any]:
    """The invoice that fits the contract."""
    return {
        "number": "FP-1",
        "insurer_id": str(village.insurer),
        "amount_fen": 260_000,
        "issued_on": village.clock().date().isoformat(),
        "file_sha256": file_sha256,
        "buyer": village.ctx.city.centre.name.value,
    } | changed


def policy(village: Village, file_sha256: str, **changed: Any) -> dict[str, Any]:
    """The policy that fits plan and contract, issued today."""
    return {
        "number": "PL-1",
        "cover_from": "2025-04-01",
        "cover_last_day": "2026-03-31",
        "issued_on": village.clock().date().isoformat(),
        "premium_fen": 260_000,
        "lift_codes": village.codes,
        "file_sha256": file_sha256,
    } | changed


def photo(village: Village, unit: UUID, file_sha256: str, **changed: Any) -> dict[str, Any]:
    """A wide start photo in this unit, taken now."""
    return {
        "unit_id": str(unit),
        "moment": "start",
        "framing": "wide",
        "file_sha256": file_sha256,
        "captured_at": village.clock().isoformat(),
    } | changed


@contextmanager
def nothing_written(ctx: Context) -> Iterator[None]:
    """The block leaves every table as long as it was."""
    before = rows(ctx)
    yield
    assert rows(ctx) == before


def change(ctx: Context, statement: Any) -> None:
    with ctx.sessions() as tx:
        tx.execute(statement)
        tx.commit()


def appoint(village: Village, name: str, role: str) -> None:
    """Give this person a second role at the centre, and an authenticator if it needs one."""
    with village.ctx.sessions() as tx:
        enrolled(tx, village.ctx, village.actor(name).person_id, role)
        tx.add(
            AccessGrant(
                person_id=village.actor(name).person_id,
                role=role,
                scope_kind="city",
                scope_id=None,
                granted_at=village.clock(),
            )
        )
        tx.commit()


def second_registered(village: Village) -> UUID:
    """Another case of the same lifts for the year after, registered at once."""
    ctx, act = village.ctx, village.actor
    case = village.surveyed()
    terms = village.terms(cover_from=date(2026, 4, 1), cover_ends_before=date(2027, 4, 1))
    planned = plans.submit_plan(ctx, act("insurer"), case.id, terms)
    assert planned.plan_id
    for name in ("member0", "member1"):
        approvals.answer(
            ctx, act(name).person_id, planned.plan_id, MemberAnswer("approve", None, "chat")
        )
    notice = notices.draft_notice(ctx, act("manager"), case.id)
    village.photograph(notice.id, "start")
    village.clock.advance(days=10)
    village.photograph(notice.id, "end")
    notices.clear(ctx, act("clerk"), case.id, "未收到纸质异议")
    registrations.register(ctx, act("reviewer"), case.id)
    return case.id


def post_notice(players: Players) -> tuple[str, str]:
    """Draft a notice and post it; the case and the notice."""
    village = players.village
    case = str(village.approved().id)
    notice = players.did("manager", f"/purchases/{case}/notice", status=201)
    photograph(players, notice["id"], "start")
    return case, notice["id"]


def photograph(players: Players, notice: str, moment: str) -> Any:
    """Hand in every photo of one moment; the last answer."""
    answer = None
    for unit in players.village.units:
        for framing in ("wide", "close"):
            taken = photo(
                players.village, unit, players.upload("manager"), moment=moment, framing=framing
            )
            answer = players.did("manager", f"/notices/{notice}/photos", taken, 201)
    return answer
