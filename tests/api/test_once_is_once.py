"""A write may crash before it is there, its answer may be lost after: one effect, one answer.

A case walks its way with a client to whom both happen at each request.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import FromClause, Select, Text, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from werkzeug.test import TestResponse

from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from backend.services.people import idempotency
from backend.store.base import Base
from backend.store.ledger import HouseholdBalance
from backend.store.notices import UploadTry
from backend.store.people import IdempotencyKey, PhoneTry
from backend.store.registry import Household
from tests.build.calling import told
from tests.build.fund import BEGAN, Fund
from tests.build.handing_in import speckled
from tests.build.players import (
    API,
    SIGNED_BY_THREE,
    Players,
    application,
    contract,
    invoice,
    paper_application,
    photograph,
    plan,
    policy,
)
from tests.build.village import POOL_FEN, Village, called

# What a try costs is counted before it, whatever comes of it: a file to read, a code to ask about.
COUNTED_BEFORE = (UploadTry, PhoneTry)


class Unlucky(Players):
    """Each request dies before it is written; is sent again; and once more, its answer lost."""

    def __init__(
        self, client: FlaskClient, village: Village, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(client, village)
        self._patch = monkeypatch
        self._stands = written(village.ctx, but=COUNTED_BEFORE)
        self.done: set[str] = set()

    def look_again(self) -> None:
        """What was written beside the API counts as there."""
        self._stands = written(self.village.ctx, but=COUNTED_BEFORE)

    def post(self, name: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {"json": body} if body is not None else {}
        return self._sent(path, {"headers": self.headers(name) | headers, **sent})

    def upload(self, name: str) -> str:
        picture, headers = speckled((800, 600)), self.headers(name)

        def form() -> dict[str, Any]:
            return {"data": {"file": (BytesIO(picture), "a.png", "image/png")}, "headers": headers}

        return str(told(self._sent("/uploads", form))["sha256"])

    def _sent(self, path: str, request: Any) -> TestResponse:
        where = self.client.application.url_map.bind("").match(API + path, method="POST")[0]
        with self._patch.context() as patch:
            patch.setattr(idempotency, "_keep", dies)
            assert self._send(path, request).status_code == 500
        assert written(self.village.ctx, but=COUNTED_BEFORE) == self._stands, path
        first = self._send(path, request)
        assert "Idempotent-Replay" not in first.headers
        done = written(self.village.ctx)
        again = self._send(path, request)
        assert again.headers["Idempotent-Replay"] == "true"
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert written(self.village.ctx) == done, path
        self.look_again()
        self.done.add(where.rpartition(".")[2])
        return first

    def _send(self, path: str, request: Any) -> TestResponse:
        sent = request() if callable(request) else request
        return self.client.post(API + path, **sent)


def dies(*_: object) -> None:
    raise ConnectionResetError


def written(ctx: Context, but: Sequence[type[Base]] = ()) -> dict[str, str | None]:
    """A digest of all rows of every table but the keys' and those."""
    left_out = {IdempotencyKey.__tablename__, *(table.__tablename__ for table in but)}
    tables = [table for table in Base.metadata.sorted_tables if table.name not in left_out]
    with ctx.sessions() as tx:
        found = tx.execute(select(*(_digest(table).scalar_subquery() for table in tables))).one()
    return {table.name: digest for table, digest in zip(tables, found, strict=True)}


def _digest(table: FromClause) -> Select[str]:
    row = literal_column(f'"{table.description}"::text', Text)
    rows = func.string_agg(row, aggregate_order_by(literal_column("''"), row))
    return select(func.md5(rows)).select_from(table)


# Sent twice where the city has that: `tests/api/test_screening_over_http.py`,
# `tests/api/test_votes_over_http.py`.
OF_OTHER_CITIES = {"screen_estate", "open_vote", "enter_paper_ballots"}


def creating(client: FlaskClient) -> set[str]:
    """The operations that must bring a key."""
    described = told(client.get("/openapi/openapi.json"))["paths"]
    return {
        operation["operationId"]
        for operations in described.values()
        for operation in operations.values()
        for header in operation.get("parameters", ())
        if header["name"] == "Idempotency-Key" and header["required"]
    }


@pytest.fixture
def unlucky(client: FlaskClient, village: Village, monkeypatch: pytest.MonkeyPatch) -> Unlucky:
    return Unlucky(client, village, monkeypatch)


@pytest.mark.deep
def test_a_case_is_walked_by_people_whose_every_answer_is_lost(
    unlucky: Unlucky, client: FlaskClient
) -> None:
    village = unlucky.village
    bank = fund_of_before(unlucky)
    people_come_in(unlucky)
    given_up(unlucky)
    case = unlucky.did("manager", "/purchases", application(village), 201)
    here = f"/purchases/{case['id']}"
    to_its_notice(unlucky, here)
    notice = unlucky.did("manager", f"{here}/notice", status=201)
    photograph(unlucky, notice["id"], "start")
    objected(unlucky, f"/notices/{notice['id']}")
    taken_down(unlucky, f"/notices/{notice['id']}")
    printed(unlucky)
    village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
    photograph(unlucky, notice["id"], "end")
    paid(unlucky, here)
    a_year_closed(unlucky, bank)
    a_statement_matched(unlucky, bank)
    assert unlucky.saw("auditor", "/ledger/trial-balance")["total_fen"] == 0
    assert unlucky.saw("auditor", "/audit/verification")["ok"]
    assert creating(client) - OF_OTHER_CITIES <= unlucky.done


def fund_of_before(unlucky: Unlucky) -> UUID:
    """A flat has a balance, a bank books, and interest is owed, from before anybody acts; returns
    the bank."""
    with unlucky.village.ctx.sessions() as tx:
        flat = tx.scalars(select(Household.id).order_by(Household.id)).first()
        tx.add(HouseholdBalance(household_id=flat, as_of=BEGAN, principal_fen=100))
        tx.commit()
    fund = Fund(unlucky.village)
    fund.owes_of_before(2)
    unlucky.look_again()
    return fund.bank


def a_year_closed(unlucky: Unlucky, bank: UUID) -> None:
    """A bank's interest is entered, confirmed, and shared at the close of its year."""
    paper = {"file_sha256": unlucky.upload("clerk")}
    terms = {"number": "CD-1", "rate": "1.95", "months": 12, "value_on": "2024-01-01"}
    whose = {"bank_id": str(bank), "principal_fen": 345_678_912}
    deposit = unlucky.did("clerk", "/deposits", terms | whose | paper, 201)
    days = {"posted_on": "2024-07-02", "until_on": "2024-07-02"}
    receipt = {"bank_reference": "INT-1", "actual_fen": 3_426_542} | days | paper
    path = f"/deposits/{deposit['id']}/interest"
    interest = unlucky.did("clerk", path, receipt, 201)
    unlucky.did("reviewer", f"/deposit-interest/{interest['id']}/confirmation")
    close = unlucky.did("clerk", "/year-closes", {"year": 2024}, 201)
    posted = unlucky.did("reviewer", f"/year-closes/{close['id']}/posting")
    assert (posted["state"], posted["moved_fen"]) == ("posted", 790_740)
    other = Fund(unlucky.village).other_bank()
    unlucky.look_again()
    move = {"from_bank_id": str(bank), "to_bank_id": str(other), "amount_fen": 1, "note": "定期"}
    move |= {"moved_on": "2025-01-02", "bank_reference": "M-1"} | paper
    wrong = unlucky.did("clerk", "/bank-transfers", move, 201)
    unlucky.did("reviewer", f"/bank-transfers/{wrong['id']}/refusal", {"reason": "写错了"})
    right = unlucky.did("clerk", "/bank-transfers", move, 201)
    unlucky.did("reviewer", f"/bank-transfers/{right['id']}/confirmation")
    counted = {"year": 2024, "statutory_fen": 1, "value_added_fen": 1, "note": "以前的"} | paper
    first = unlucky.did("clerk", "/past-income", counted, 201)
    unlucky.did("reviewer", f"/past-income/{first['id']}/refusal", {"reason": "写错了"})
    first = unlucky.did("clerk", "/past-income", counted, 201)
    unlucky.did("reviewer", f"/past-income/{first['id']}/confirmation")
    why = {"reason": "年份写错"} | paper
    taken = unlucky.did("clerk", f"/past-income/{first['id']}/undo", why, 201)
    unlucky.did("reviewer", f"/past-income/{taken['id']}/confirmation")
    change = {"until_on": None, "reason": "补记"}
    asked = unlucky.did("clerk", "/period-locks", change, 201)
    unlucky.did("reviewer", f"/period-locks/{asked['id']}/refusal", {"reason": "不用"})
    asked = unlucky.did("clerk", "/period-locks", change, 201)
    unlucky.did("reviewer", f"/period-locks/{asked['id']}/confirmation")
    again = {**receipt, "bank_reference": "INT-2", "posted_on": "2025-01-02"}
    second = unlucky.did("clerk", path, {**again, "until_on": "2025-01-01"}, 201)
    unlucky.did("reviewer", f"/deposit-interest/{second['id']}/confirmation")
    theirs = f"/deposit-interest/{second['id']}/undo"
    undone = unlucky.did("clerk", theirs, {"reason": "登错了"} | paper, 201)
    unlucky.did("reviewer", f"/interest-undos/{undone['id']}/refusal", {"reason": "没有错"})
    undone = unlucky.did("clerk", theirs, {"reason": "登错了"} | paper, 201)
    unlucky.did("reviewer", f"/interest-undos/{undone['id']}/confirmation")


def a_statement_matched(unlucky: Unlucky, bank: UUID) -> None:
    """A bank's statement is imported, its line is matched and unmatched, and it is withdrawn."""
    days = {"from_on": "2024-07-01", "until_on": "2024-07-31"}
    line = {"day": "2024-07-02", "amount_fen": 3_426_542, "bank_reference": "INT-1"}
    sums = {"opening_fen": 0, "closing_fen": 3_426_542}
    body = {"bank_id": str(bank), "lines": [line]} | days | sums
    assert unlucky.did("cashier", "/bank-statement-checks", body)["faults"] == []
    here = f"/bank-statements/{unlucky.did('cashier', '/bank-statements', body, 201)['id']}"
    [found] = unlucky.saw("cashier", here)["lines"]
    thing = {"kind": found["fits"][0]["kind"], "thing_id": found["fits"][0]["id"]}
    there = f"/bank-lines/{found['id']}"
    unlucky.did("cashier", f"{there}/match", thing)
    unlucky.did("cashier", f"{there}/unmatch", {"reason": "看错了"})
    unlucky.did("cashier", f"{here}/withdrawal", {"reason": "导错了"})


def received(unlucky: Unlucky) -> dict[str, str]:
    """A paper that came to the counter just now."""
    at = unlucky.village.clock().isoformat()
    return {"file_sha256": unlucky.upload("clerk"), "received_at": at}


def given_up(unlucky: Unlucky) -> None:
    """Owners apply on paper, and think better of it."""
    form = paper_application(unlucky.village, SIGNED_BY_THREE, unlucky.upload("clerk"))
    case = unlucky.did("clerk", "/paper-applications", form, 201)
    here = f"/purchases/{case['id']}"
    more = {
        "signatures": [{**SIGNED_BY_THREE[1], "room": "401", "name": "冯样三"}],
        **received(unlucky),
    }
    unlucky.did("clerk", f"{here}/paper-cosignatures", more, 201)
    unlucky.did("clerk", f"{here}/applicants-word", {"file_sha256": unlucky.upload("clerk")})
    unlucky.did("clerk", f"{here}/withdrawal", {"reason": "业主不买了"})


def people_come_in(unlucky: Unlucky) -> None:
    village = unlucky.village
    stranger = str(village.actor("stranger").person_id)
    right = {"person_id": stranger, "role": "property_manager", "scope_id": str(village.estate)}
    unlucky.did("clerk", "/grants", right, 201)
    [own] = [each for each in unlucky.saw("clerk", "/grants")["items"] if each["role"] == "cashier"]
    until = (village.clock() + timedelta(days=7)).isoformat()
    stands_in = {"person_id": str(village.actor("reviewer").person_id), "until": until}
    unlucky.did("cashier", f"/grants/{own['id']}/delegation", stands_in, 201)
    merged = {
        "name": "示例物业集团公司",
        "file_sha256": unlucky.upload("clerk"),
        "reason": "吸收合并",
    }
    unlucky.did("clerk", f"/estates/{village.estate}/succession", merged, 201)
    moved = {
        "bank_name": "示例银行",
        "bank_account": "6222000000000009",
        "file_sha256": unlucky.upload("clerk"),
        "reason": "原账户已销户",
    }
    unlucky.did("clerk", f"/insurers/{village.insurer}/payee-changes", moved, 201)
    opening = unlucky.saw("clerk", "/openings")["items"][0]["id"]
    figures: dict[str, Any] = {
        "bank_fen": POOL_FEN + 1,
        "pools": [{"account_id": str(village.pool), "fen": POOL_FEN + 1}],
        "file_sha256": unlucky.upload("clerk"),
        "reason": "漏记一分",
    }
    unlucky.did("clerk", f"/openings/{opening}/corrections", figures, 201)
    flat = {
        "estate_code": "E1",
        "building": "1栋",
        "unit": "1单元",
        "room": "101",
        "name": "冯样零",
    }
    unlucky.did("stranger", "/owner-verifications/owner", flat, 201)
    seat = {"estate_code": "E1", "name": "冯样零"}
    unlucky.did("stranger", "/owner-verifications/committee-member", seat, 201)
    wrong = {"what": "房屋", "text": "应为 102"}
    unlucky.did("owner1", "/me/rectification-requests", wrong, 201)


def to_its_notice(unlucky: Unlucky, here: str) -> None:
    village = unlucky.village
    unlucky.did("manager", f"{here}/application", {"form_sha256": unlucky.upload("manager")})
    seen = {"upkeep_statement": "维保正常", "upkeep_record_sha256": unlucky.upload("clerk")}
    unlucky.did("clerk", f"{here}/funds-query", seen)
    for lift in village.lifts:
        found = {"lift_id": str(lift), "result": "passed", "findings": "运行平稳"}
        unlucky.did("insurer", f"{here}/surveys", found, 201)
    unlucky.did("insurer", f"{here}/plans", plan(village), 201)
    changed = plan(village, 120_000) | {"reason": "降低保费"}
    planned = unlucky.did("insurer", f"{here}/plan-revisions", changed, 201)
    said = [{"name": called("陈样", 2), "answer": "refuse", "reason": "偏贵"}]
    held = {"held_on": village.clock().date().isoformat(), "answers": said}
    unlucky.did("clerk", f"/plans/{planned['plan_id']}/minutes", held | received(unlucky), 201)
    for member in ("member0", "member1"):
        unlucky.did(member, f"/plans/{planned['plan_id']}/answers", {"answer": "approve"})


def objected(unlucky: Unlucky, notice: str) -> None:
    words = {"kind": "price", "text": "保费偏高，请公布比选过程"}
    filed = unlucky.did("owner0", f"{notice}/objections", words, 201)
    unlucky.did("owner0", f"/objections/{filed['id']}/withdrawal", {})
    received_at = unlucky.village.clock().isoformat()
    paper = {"kind": "need", "text": "没有必要", "objector": "王某", "received_at": received_at}
    paper |= {"file_sha256": unlucky.upload("clerk")}
    entered = unlucky.did("clerk", f"{notice}/paper-objections", paper, 201)
    gone = f"/objections/{entered['id']}/paper-withdrawal"
    unlucky.did("clerk", gone, received(unlucky), 201)
    turned_down = {"answer": "名册中没有此人"}
    unlucky.did("clerk", f"/objections/{entered['id']}/verification", turned_down)
    given = {
        "how": "handed_over",
        "given_on": unlucky.village.clock().date().isoformat(),
        "file_sha256": unlucky.upload("clerk"),
    }
    unlucky.did("clerk", f"/objections/{entered['id']}/delivery", given)


def taken_down(unlucky: Unlucky, notice: str) -> None:
    [filed] = unlucky.saw("owner0", "/objections/mine")["items"]
    reason = {"reason": "涉及个人信息"}
    unlucky.did("reviewer", f"/objections/{filed['id']}/takedown", reason, 201)
    [place, *_] = unlucky.saw("manager", f"{notice}/posting")["places"]
    shown = {"file_sha256": place["start"]["wide"]["sha256"]} | reason
    unlucky.did("reviewer", f"{notice}/photo-takedown", shown, 201)


def printed(unlucky: Unlucky) -> None:
    village = unlucky.village
    unlucky.did("clerk", f"/lifts/{village.lifts[0]}/token", {"reason": "首次张贴"}, 201)
    card = {"kind": "cab_card", "lift_id": str(village.lifts[0])}
    unlucky.did("manager", "/posters", card, 201)
    order = {"estate_id": str(village.estate), "kinds": ["cab_card"], "format": "png"}
    unlucky.did("manager", "/print-orders", order, 201)


def paid(unlucky: Unlucky, here: str) -> None:
    village = unlucky.village
    unlucky.did("clerk", f"{here}/clearance", {"statement": "未收到纸质异议"})
    unlucky.did("reviewer", f"{here}/registration", status=201)
    terms = {"premium_fen": 240_000}
    unlucky.did(
        "manager", f"{here}/contract", contract(village, unlucky.upload("manager"), **terms)
    )
    bill = invoice(village, unlucky.upload("manager"), amount_fen=240_000)
    unlucky.did("manager", f"{here}/invoices", bill, 201)
    unlucky.did("manager", f"{here}/payment-request")
    unlucky.did("reviewer", f"{here}/payment-review")
    unlucky.did("cashier", f"{here}/payment-order", {}, status=201)
    receipt = {"bank_reference": "B-1", "receipt_sha256": unlucky.upload("cashier")}
    unlucky.did("cashier", f"{here}/payment-confirmation", receipt)
    insured = policy(unlucky.village, unlucky.upload("insurer"), premium_fen=240_000)
    unlucky.did("insurer", f"{here}/policy", insured)
    back = {"kind": "give_back", "refund_fen": 100, "reason": "退差额"}
    back["receipt_sha256"] = unlucky.upload("cashier")
    refund = unlucky.did("cashier", f"{here}/refunds", back, 201)
    unlucky.did("reviewer", f"/refunds/{refund['id']}/confirmation")
