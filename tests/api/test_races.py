"""Two people at once: one of them is first, the other is told so, and the books agree."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from backend.http.collisions import COLLISIONS
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.store.ledger import Account, Hold
from backend.store.notices import Objection
from backend.store.people import AccessGrant, Person
from backend.store.purchases import CoveragePeriod, Payment, Transition
from backend.store.registry import Lift
from backend.store.signatures import Approval
from tests.build.calling import refused, told
from tests.build.players import API, Players, application
from tests.build.proving import enrolled, proved
from tests.build.village import POOL_FEN, Village, sign_in
from tests.build.waiting import (
    PATIENCE_SECONDS,
    at_once,
    eventually,
    somebody_waits_for_a_lock,
)

Call = tuple[str, str, Any]


def posted_at_once(app: Flask, players: Players, calls: Sequence[Call]) -> list[TestResponse]:
    """POST all of these at the same moment, each as its own person; answers in their order."""

    def send(name: str, path: str, body: Any) -> TestResponse:
        sent = {"json": body} if body is not None else {}
        return app.test_client().post(API + path, headers=players.headers(name), **sent)

    return at_once([partial(send, *call) for call in calls])


def count(ctx: Context, query: Any) -> int:
    with ctx.sessions() as tx:
        assert ledger.trial_balance(tx).total_fen == 0
        assert ledger.drifted(tx) == []
        return tx.scalar(query) or 0


def hire(village: Village, name: str, role: str) -> None:
    """Another officer of this role, signed in."""
    with village.ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=village.clock())
        tx.add(person)
        tx.flush()
        tx.add(
            AccessGrant(
                person_id=person.id,
                role=role,
                scope_kind="city",
                scope_id=None,
                granted_at=village.clock(),
            )
        )
        village.people[name] = proved(person.id)
        enrolled(tx, village.ctx, person.id, role)
        sign_in(tx, village, name)
        tx.commit()


def one_passed(answers: Sequence[TestResponse], status: int, code: str) -> None:
    """Just one was done; all others were refused for this reason."""
    done = [answer for answer in answers if answer.status_code == status]
    assert len(done) == 1, [answer.text for answer in answers]
    for answer in answers:
        if answer is not done[0]:
            assert refused(answer, 409) == [code]


def test_two_cashiers_order_one_payment(
    app: Flask, players: Players, village: Village, ctx: Context
) -> None:
    case = village.reviewed()
    hire(village, "cashier2", "cashier")
    path = f"/purchases/{case.id}/payment-order"
    answers = posted_at_once(app, players, [("cashier", path, {}), ("cashier2", path, {})])
    one_passed(answers, 201, "step_not_possible")
    assert count(ctx, select(func.count()).select_from(Payment)) == 1


def test_the_last_two_answers_of_a_committee_move_the_case_once(
    app: Flask, players: Players, village: Village, ctx: Context
) -> None:
    case = village.planned()
    path, yes = f"/plans/{case.plan_id}/answers", {"answer": "approve"}
    players.did("member0", path, yes)
    answers = posted_at_once(app, players, [("member1", path, yes), ("member2", path, yes)])
    one_passed(answers, 200, "already_decided")
    approved = select(func.count()).where(Transition.action == "approve")
    assert count(ctx, approved) == 1
    assert count(ctx, select(func.count()).select_from(Approval)) == 2


def _agreed(players: Players, one_lift: bool) -> list[str]:
    """The paths of two cases on one account, whose plans the committee approved."""
    village = players.village
    paths: list[str] = []
    for number in (0, 1):
        lifts = village.lifts[number : number + 1] if one_lift else village.lifts
        case = players.did(
            "manager",
            "/purchases",
            application(village, lift_ids=[str(each) for each in lifts]),
            201,
        )
        here = f"/purchases/{case['id']}"
        players.did("manager", f"{here}/application", {"form_sha256": players.upload("manager")})
        seen = {"upkeep_statement": "正常", "upkeep_record_sha256": players.upload("clerk")}
        players.did("clerk", f"{here}/funds-query", seen)
        for lift in lifts:
            found = {"lift_id": str(lift), "result": "passed", "findings": "正常"}
            players.did("insurer", f"{here}/surveys", found, 201)
        # Together more than there is, when each takes one lift.
        premium_fen = 600_000 if one_lift else 100_000
        terms = village.terms(lift_premiums=dict.fromkeys(lifts, premium_fen))
        planned = village.person("insurer").submits_plan(UUID(case["id"]), terms)
        for name in ("member0", "member1"):
            players.did(name, f"/plans/{planned.plan_id}/answers", {"answer": "approve"})
        paths.append(here)
    return paths


def test_two_notices_cannot_spend_one_balance(
    app: Flask, players: Players, village: Village, ctx: Context
) -> None:
    calls: list[Call] = [
        ("manager", f"{path}/notice", None) for path in _agreed(players, one_lift=True)
    ]
    answers = posted_at_once(app, players, calls)
    one_passed(answers, 201, "premium_above_available")
    assert count(ctx, select(func.count()).select_from(Hold)) == 1
    with ctx.sessions() as tx:
        account = tx.get_one(Account, village.pool)
        assert (account.balance_fen, account.held_fen) == (POOL_FEN, 600_000)


@pytest.mark.usefixtures("cases_from_before")
def test_two_notices_cannot_cover_one_lift(
    app: Flask, players: Players, village: Village, ctx: Context
) -> None:
    calls: list[Call] = [
        ("manager", f"{path}/notice", None) for path in _agreed(players, one_lift=False)
    ]
    answers = posted_at_once(app, players, calls)
    done = [answer for answer in answers if answer.status_code == 201]
    assert len(done) == 1
    (other,) = [answer for answer in answers if answer.status_code != 201]
    assert set(refused(other, 409)) == {"lift_already_covered"}
    assert count(ctx, select(func.count()).select_from(CoveragePeriod)) == 2


def test_one_owner_objects_once_even_from_two_phones(
    app: Flask, players: Players, village: Village, ctx: Context
) -> None:
    _, notice = village.posted()
    path, words = f"/notices/{notice}/objections", {"kind": "price", "text": "太贵"}
    answers = posted_at_once(app, players, [("owner0", path, words)] * 4)
    one_passed(answers, 201, "objection_already_filed")
    assert count(ctx, select(func.count()).select_from(Objection)) == 1


def test_many_owners_at_once_suspend_a_notice_once(
    app: Flask, players: Players, village: Village, ctx: Context
) -> None:
    case, notice = village.posted()
    path, words = f"/notices/{notice}/objections", {"kind": "price", "text": "太贵"}
    answers = posted_at_once(app, players, [(f"owner{n}", path, words) for n in range(4)])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({told(answer)["number"] for answer in answers}) == 4
    assert count(ctx, select(func.count()).where(Transition.action == "suspend")) == 1
    assert players.saw("clerk", f"/purchases/{case.id}")["state"] == "suspended"


def test_drafts_at_once_get_numbers_without_a_gap(
    app: Flask, players: Players, village: Village
) -> None:
    answers = posted_at_once(app, players, [("manager", "/purchases", application(village))] * 6)
    numbers = sorted(told(answer)["number"] for answer in answers)
    assert numbers == [f"SQ-2025-{n:06d}" for n in range(1, 7)]
    assert players.saw("auditor", "/audit/verification")["ok"]


def test_of_two_clerks_who_give_two_lifts_one_code_the_second_is_told_whose_it_is(
    players: Players, village: Village
) -> None:
    code = "31104331002024777"
    body = {"registration_code": code, "reason": "与登记证不一致"}
    with village.ctx.sessions() as first, ThreadPoolExecutor(1) as second:
        first.get_one(Lift, village.lifts[0]).registration_code = code
        first.flush()
        path = f"/lifts/{village.lifts[1]}/registration-code"
        waiting = second.submit(players.post, "clerk", path, body)
        eventually(lambda: somebody_waits_for_a_lock(village.ctx.sessions))
        first.commit()
        answer = waiting.result(PATIENCE_SECONDS)
    assert refused(answer, 409) == ["lift_code_taken"]


@pytest.mark.parametrize("name", sorted(COLLISIONS))
def test_every_collision_has_a_rule_of_the_database_behind_it(ctx: Context, name: str) -> None:
    known = text(
        "SELECT count(*) FROM (SELECT conname AS name FROM pg_constraint "
        "UNION ALL SELECT indexname FROM pg_indexes) AS rules WHERE name = :name"
    )
    with ctx.sessions() as tx:
        assert tx.scalar(known, {"name": name})
