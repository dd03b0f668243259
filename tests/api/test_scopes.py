"""Whoever has no part in a case learns nothing of it: not by any route, not with any body."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule

from backend.domain.refund import RefundKind
from backend.http.routes import DECLARATIONS, PREFIX
from backend.services.base.context import Context
from backend.services.income import locking
from backend.services.people import lockouts
from backend.services.public import lift_tokens
from backend.store.people import Person
from backend.store.proposals import Refund
from backend.store.purchases import Purchase
from backend.store.registry import Owner, Unit
from backend.store.rulings import CaseLetter
from backend.store.votes import Vote
from tests.build.bank_statements import BankDesk
from tests.build.calling import refused
from tests.build.connections import in_use
from tests.build.fund import BEGAN, PAID, PRINCIPAL_FEN, Fund
from tests.build.looking import today
from tests.build.players import (
    Neighbours,
    Players,
    application,
    contract,
    invoice,
    paper_application,
    photo,
    plan,
    policy,
    populate_neighbours,
    rows,
)
from tests.build.village import POOL_FEN, TOKEN, Village

STRANGERS = ("stranger", "other_manager", "other_owner", "other_member", "other_insurer")
LIFT_TOKENS = ("lift_tokens.issue_lift_token", "lift_tokens.revoke_lift_token")
# Lists answer with what the person may see, which is nothing of this village.
EMPTY_LISTS = {
    "cases.cases",
    "owners.own_objections",
    "committee.waiting_plans",
    "committee.answered_plans",
    "todos.todos_mine",
    "todos.joint_mine",
    "todos.verifications_mine",
}
# Everybody's own, or everybody's.
# Who watches may look, and that they did is written down.
LOOKS = {"households.look_at_flat_account"}
OF_EVERYBODY = {
    "me.me",
    "votes.my_votes",
    "me.logout",
    "me.logout_everywhere",
    "me.keep_phone",
    "me.prove_second_factor",
    "me.subject_access",
    "me.export_subject_access",
    "me.open_rectification_request",
    "me.depart",
    "subscriptions.my_subscriptions",
    "subscriptions.follow_notice",  # a notice that hangs is public
    "subscriptions.unfollow_notice",
    "subscriptions.follow_lift",  # whoever stands in the cab may follow it
    "subscriptions.unfollow_lift",
    "uploads.upload",
    "estates.estates",
    "estates.insurers",
    "owners.open_owner_verification",
    "owners.open_member_verification",
    "todos.part",  # tells each only of themselves; a notice that hangs is public
    "todos.lift_place",  # so is a cab
    "own_cases.lift_ways",
    "desk_sign_ins.desk_numbers",  # whose code it is, nobody knows before a phone confirms it
    "desk_sign_ins.confirm_desk_sign_in",
    "desk_sign_ins.desk_sessions_of_mine",
    "invitations.accept_invitation",  # for whom it is, nobody knows before its number is compared
}
FLAT = {"estate_code": "E1", "building": "1栋", "unit": "1单元", "room": "101", "name": "冯样零"}
# A notice is public, so whoever may not object to it is told why.
PUBLIC_NOTICE = {"owners.file_objection"}


@pytest.fixture
def neighbours(village: Village) -> Neighbours:
    return populate_neighbours(village)


def _session_of(village: Village, name: str) -> bytes:
    return village.ctx.cipher.digest("session", TOKEN.format(name))[:16]


@pytest.fixture
def objects(players: Players, village: Village) -> dict[str, str]:
    """The id of one object of each kind that a path can name, all of the village."""
    purchase, notice = village.posted()
    words = {"kind": "price", "text": "太贵"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    verification = players.did("member2", "/owner-verifications/owner", FLAT, 201)
    wrong = {"what": "房屋", "text": "应为 102"}
    request = players.did("owner1", "/me/rectification-requests", wrong, 201)
    grants = players.saw("clerk", "/grants")["items"]
    with village.ctx.sessions() as tx:
        nobody = Person(name_sealed=None, created_at=village.clock())
        tx.add(nobody)
        tx.commit()
        building_id = tx.get_one(Unit, village.units[0]).building_id
        household_id = tx.get_one(Owner, village.owners[0]).household_id
    cards = {"estate_id": str(village.estate), "kinds": ["cab_card"]}
    order = players.did("manager", "/print-orders", cards, 201)
    merged = {"name": "示例集团", "file_sha256": players.upload("clerk"), "reason": "吸收合并"}
    taken_over = players.did("clerk", f"/estates/{village.estate}/succession", merged, 201)
    return {
        "order_id": order["id"],
        "desk_code": "A" * 48,
        "invitation_code": "A" * 48,
        "session_id": str(UUID(bytes=_session_of(village, "clerk"))),
        "rectification_request_id": request["id"],
        "purchase_id": str(purchase.id),
        "plan_id": str(purchase.plan_id),
        "notice_id": str(notice),
        "objection_id": filed["id"],
        "verification_id": verification["id"],
        "grant_id": grants[0]["id"],
        "lockout_id": str(lockouts.lock_out(village.ctx, None, nobody.id, "手机丢失")),
        "person_id": str(nobody.id),
        "estate_id": str(village.estate),
        "lift_id": str(village.lifts[0]),
        "owner_id": str(village.owners[0]),
        "household_id": str(household_id),
        "token": lift_tokens.issue_token(village.ctx, None, village.lifts[0], "首次张贴").token,
        "building_id": str(building_id),
        "unit_id": str(village.units[0]),
        "succession_id": taken_over["id"],
        "sha256": village.upload("manager"),
        "refund_id": refund_of(village, purchase.id),
        "letter_id": letter_of(village, purchase.id),
        "insurer_id": str(village.insurer),
        "paper_entry_id": withdrawn_on_paper(players, village, filed["id"]),
        "payee_change_id": payee_change_of(players, village),
        "vote_id": vote_on(village, purchase),
        **opening_of(players, village),
        **income_of(village),
    }


def vote_on(village: Village, purchase: Purchase) -> str:
    """A vote as a city might have had it that asks its owners no more."""
    assert purchase.plan_id
    now, clerk = village.clock(), village.actor("clerk").person_id
    with village.ctx.sessions() as tx:
        vote = Vote(purchase_id=purchase.id, plan_id=purchase.plan_id, plan_hash="0" * 64)
        vote.roll_digest, vote.opened_by, vote.opened_at, vote.closes_at = "0" * 64, clerk, now, now
        tx.add(vote)
        tx.commit()
        return str(vote.id)


def income_of(village: Village) -> dict[str, str]:
    """A deposit with interest that waits, and a preview of last year's close."""
    fund = Fund(village)
    fund.holds({"A": {BEGAN: 100}})
    deposit = fund.earned().deposit_id
    waiting = fund.paid(deposit, until_on=date(2024, 8, 1))
    close = fund.previewed()
    undone = fund.undo_asked(fund.earned(number="CD-8").id)
    ids = {"deposit_id": deposit, "interest_id": waiting.id, "close_id": close.id}
    ids["undo_id"] = undone.id
    days = date(2024, 7, 1), date(2024, 7, 31)
    bank = BankDesk(village, fund.bank)
    statement = bank.takes([(PAID, 3_426_542, "B-1", "利息")], days, PRINCIPAL_FEN)
    ids |= {"statement_id": statement.id, "line_id": bank.lines(statement.id)[0].line.id}
    ids["bank_id"] = fund.bank
    actor = village.actor("clerk")
    ids["account_id"] = village.pool
    ids["transfer_id"] = fund.moves(fund.other_bank()).id
    fund.owes_of_before(2)
    ids["past_id"] = fund.past_entered(1, 1).id
    ids["lock_id"] = locking.ask(village.ctx, actor, date(2024, 1, 31), "对完账").id
    return {name: str(each) for name, each in ids.items()}


def withdrawn_on_paper(players: Players, village: Village, objection: str) -> str:
    """A withdrawal that waits for another clerk."""
    paper = {"file_sha256": players.upload("clerk"), "received_at": village.clock().isoformat()}
    entered = players.did("clerk", f"/objections/{objection}/paper-withdrawal", paper, 201)
    return str(entered["id"])


def payee_change_of(players: Players, village: Village) -> str:
    """One that waits."""
    letter = {"file_sha256": players.upload("clerk"), "reason": "原账户已销户"}
    account = {"bank_name": "示例银行", "bank_account": "6222000000000009"}
    path = f"/insurers/{village.insurer}/payee-changes"
    return str(players.did("clerk", path, account | letter, 201)["id"])


def opening_of(players: Players, village: Village) -> dict[str, str]:
    """What the centre began with, and a correction of it that waits."""
    opening = str(players.saw("clerk", "/openings")["items"][0]["id"])
    more = POOL_FEN + 1
    right = {"bank_fen": more, "pools": [{"account_id": str(village.pool), "fen": more}]}
    paper = {"file_sha256": players.upload("clerk"), "reason": "漏记一分"}
    made = players.did("clerk", f"/openings/{opening}/corrections", right | paper, 201)
    return {"opening_id": opening, "correction_id": str(made["id"])}


def letter_of(village: Village, purchase_id: UUID) -> str:
    """One that was printed, of a case of which nobody is told so: who may not see it sees none."""
    with village.ctx.sessions() as tx:
        letter = CaseLetter(
            purchase_id=purchase_id,
            version=1,
            printed_by=village.actor("clerk").person_id,
            printed_at=village.clock(),
        )
        tx.add(letter)
        tx.commit()
        return str(letter.id)


def refund_of(village: Village, purchase_id: UUID) -> str:
    """One that waits, of a case that never got as far: who may not see the case sees no refund."""
    with village.ctx.sessions() as tx:
        refund = Refund(
            purchase_id=purchase_id,
            kind=RefundKind.CANCEL,
            amount_fen=1,
            receipt_sha256=village.upload("cashier"),
            reason="退保",
            proposed_by=village.actor("cashier").person_id,
            proposed_at=village.clock(),
        )
        tx.add(refund)
        tx.commit()
        return str(refund.id)


def survey(village: Village) -> dict[str, object]:
    return {"lift_id": str(village.lifts[0]), "result": "passed", "findings": "正常"}


def rights(person: str) -> dict[str, object]:
    """The same for those who let people in."""
    reason = {"reason": "理由"}
    return {
        "rights.unmask_verification": reason,
        "rights.close_verification": {"verified": True} | reason,
        **dict.fromkeys(("rights.end_ownership", "rights.restore_ownership"), FLAT | reason),
        "rights.delegate": {"person_id": person, "until": "2030-01-01T00:00:00+08:00"},
        "rights.give_grant": {"person_id": person, "role": "clerk"},
    }


def bodies(village: Village, players: Players, name: str) -> dict[str, object]:
    """A body that each route would take, by endpoint; those without are not named."""
    sha256 = players.upload(name)
    reason, statement = {"reason": "理由"}, {"statement": "说明"}
    objection = {"kind": "price", "text": "太贵"}
    paper = objection | {"objector": "王某", "received_at": village.clock().isoformat()}
    paper |= {"file_sha256": sha256}
    person = str(village.actor("stranger").person_id)
    return {
        "applicants.draft_purchase": application(village),
        "applicants.apply": {"form_sha256": sha256},
        "applicants.rectify": statement,
        "applicants.withdraw_purchase": reason,
        "applicants.sign_contract": contract(village, sha256),
        "applicants.amend_contract": contract(village, sha256) | reason,
        "applicants.request_plan": reason,
        "applicants.drop_lift": {"lift_id": str(village.lifts[0])} | reason,
        "applicants.change_insurer": {"insurer_id": str(village.insurer)} | reason,
        "applicants.add_invoice": invoice(village, sha256),
        "insurers.record_survey": survey(village),
        "insurers.fail_survey": reason,
        "insurers.submit_plan": plan(village),
        "insurers.revise_plan": plan(village) | reason,
        "insurers.issue_policy": policy(village, sha256),
        "insurers.set_policy": policy(village, sha256) | reason,
        "committee.answer_plan": {"answer": "approve"},
        "posters.make_poster": {"kind": "cab_card", "lift_id": str(village.lifts[0])},
        "posters.order_posters": {"estate_id": str(village.estate), "kinds": ["cab_card"]},
        "notices.undo_draft_notice": reason,
        "notices.add_photo": photo(village, village.units[0], sha256),
        "owners.file_objection": objection,
        "centre.return_application": reason,
        "centre.reject": reason,
        "centre.query_funds": {
            "upkeep_statement": "正常",
            "upkeep_record_sha256": sha256,
        },
        "centre.mark_short": reason,
        "centre.terminate": reason,
        "centre.clear": statement,
        "centre.undo_clear": reason,
        "centre.undo_register": reason,
        "centre.undo_rejection": reason,
        **payment_bodies(village, sha256),
        "centre.enter_paper_objection": paper,
        **counter_bodies(village, sha256),
        "rectification_requests.close_request": {"done": True, "answer": "已更正"},
        **rights(person),
        **registry_bodies(village, person),
        **words_bodies(sha256),
    }


def payment_bodies(village: Village, sha256: str) -> dict[str, object]:
    """Of the routes by which money goes out and comes back."""
    reason, receipt = {"reason": "理由"}, {"receipt_sha256": sha256}
    return {
        "payments.confirm_payment": {"bank_reference": "B"} | receipt,
        "payments.order_payment": {},
        "payments.return_papers": reason,
        "payments.reject_payment": reason,
        "payments.return_payment": receipt | reason,
        "payments.undo_payment_confirmation": reason,
        "payees.enter_payee_change": {"bank_name": "示例银行", "bank_account": "62220000"}
        | {"file_sha256": sha256}
        | reason,
        "payees.turn_down_payee_change": reason,
        "openings.enter_opening_correction": {"file_sha256": sha256} | reason,
        "openings.turn_down_opening_correction": reason,
        "income.enter_deposit": {"bank_id": str(village.bank), "number": "CD-9", "rate": "1.95"}
        | {"principal_fen": 1, "months": 12, "value_on": "2025-01-01", "file_sha256": sha256},
        "income.withdraw_deposit": reason,
        "income.enter_interest": {"bank_reference": "I", "actual_fen": 1, "file_sha256": sha256}
        | {"posted_on": "2025-03-01", "until_on": "2025-03-01"},
        "income.turn_down_interest": reason,
        "income.ask_interest_undo": {"file_sha256": sha256} | reason,
        "income.turn_down_interest_undo": reason,
        "income.preview_close": {"year": 2024},
        "bank_transfers.enter_bank_transfer": {"from_bank_id": str(village.bank)}
        | {"to_bank_id": str(village.pool), "amount_fen": 1, "moved_on": "2025-03-01"}
        | {"bank_reference": "M-1", "note": "存定期", "file_sha256": sha256},
        "bank_transfers.turn_down_bank_transfer": reason,
        "households.look_at_flat_account": {},
        "past_income.enter_past_income": {"year": 2024, "statutory_fen": 1, "value_added_fen": 0}
        | {"note": "以前的利息", "file_sha256": sha256},
        "past_income.turn_down_past_income": reason,
        "past_income.ask_past_income_back": {"file_sha256": sha256} | reason,
        "period_locks.ask_period_lock": {"until_on": "2024-12-31"} | reason,
        "period_locks.turn_down_period_lock": reason,
        **dict.fromkeys(
            ("bank_statements.check_bank_statement", "bank_statements.take_bank_statement"),
            {"bank_id": str(village.bank), "from_on": "2025-03-04", "until_on": "2025-03-31"}
            | {"opening_fen": 0, "closing_fen": 0, "lines": []},
        ),
        "bank_statements.withdraw_bank_statement": reason,
        "bank_lines.match_bank_line": {"kind": "interest", "thing_id": str(village.bank)},
        "bank_lines.unmatch_bank_line": reason,
        "refunds.propose_refund": {"kind": "cancel", "refund_fen": 1} | receipt | reason,
        "refunds.refuse_refund": reason,
        "refunds.waive_refund": reason,
    }


def counter_bodies(village: Village, sha256: str) -> dict[str, object]:
    """Of the routes by which the counter enters what came on paper."""
    signed = {key: FLAT[key] for key in ("building", "unit", "room", "name")}
    received = {"file_sha256": sha256, "received_at": village.clock().isoformat()}
    return {
        "counter.draft_on_paper": paper_application(village, [signed], sha256),
        "counter.enter_paper_cosignatures": {"signatures": [signed]} | received,
        "counter.enter_paper_withdrawal": received,
        "paper_entries.turn_down_paper_entry": {"reason": "理由"},
        "counter.withdraw_paper_cosignature": signed | {"file_sha256": sha256},
        "counter.enter_word": {"file_sha256": sha256},
        "votes.cast_ballot": {"choice": "agree"},
        "votes.open_vote": {},
        "votes.withdraw_vote": {"reason": "理由"},
        "vote_counts.confirm_count": {"statement": "说明"},
        "vote_counts.void_vote": {"reason": "理由"},
        "vote_counts.enter_paper_ballots": {"ballots": [signed | {"choice": "agree"}]} | received,
        "counter.deliver_applicants_letter": {
            "how": "handed_over",
            "given_on": "2025-03-03",
            "file_sha256": sha256,
        },
        "counter.undo_applicants_letter": {"reason": "理由"},
        "counter.enter_minutes": {
            "held_on": "2025-03-03",
            "answers": [{"name": "陈样零", "answer": "approve"}],
        }
        | received,
    }


def words_bodies(sha256: str) -> dict[str, object]:
    """Of the routes by which the centre answers objections, and takes down what was published."""
    reason, answer = {"reason": "理由"}, {"answer": "答复"}
    photo = reason | {"file_sha256": sha256}
    return {
        "centre.verify_objection": answer,
        "centre.unmask_objector": reason,
        "centre.decide_publication": {"decision": "refuse"} | reason,
        "answers.answer_objection": answer,
        "answers.preview_answer": answer,
        "answers.dismiss_objection": answer,
        "answers.undo_dismissal": reason,
        "answers.deliver_answer": {
            "how": "handed_over",
            "given_on": "2025-03-03",
            "file_sha256": sha256,
        },
        "answers.undo_delivery": reason,
        "takedowns.take_down_words": reason,
        "takedowns.restore_words": reason,
        "takedowns.take_down_photo": photo,
        "takedowns.restore_photo": photo,
    }


def registry_bodies(village: Village, person: str) -> dict[str, object]:
    """Of the routes by which the centre registers what changed, and of those that ask only why."""
    reason, day = {"reason": "理由"}, today(village).isoformat()
    named, account = reason | {"name": "甲"}, {"number": "P-9", "name": "统筹"}
    return {
        **dict.fromkeys(("lockouts.let_in", "registry.restart_lift", *LIFT_TOKENS), reason),
        "lockouts.lock_out": {"person_id": person} | reason,
        "registry.correct_lift_code": reason | {"registration_code": "X9"},
        "registry.stop_lift": reason | {"since": day},
        "registry.retire_lift": reason | {"on": day},
        "registry.rename_building": named,
        "registry.set_sole_manager": {"manager": "示例集团", "reason": "产权证"},
        "registry.rename_unit": named,
        "companies.change_company": reason | {"name": "示例物业"},
        "companies.company_left": reason,
        "companies.enter_succession": reason | {"name": "示例物业", "file_sha256": "0" * 64},
        "companies.turn_down_succession": reason,
        "registry.split_account": reason
        | {"parts": [{"unit_id": str(village.units[0])} | account]},
        "registry.merge_accounts": reason | account,
        "screening.screen_estate": {"findings": [], "sheet_sha256": "0" * 64},
        "screening.guide": {
            "lift_ids": [str(village.lifts[0])],
            "insurer_id": str(village.insurer),
            "account_ids": [str(village.pool)],
        },
        "special_accounts.apply_alone": {
            "title_sha256": "0" * 64,
            "upkeep_record_sha256": "0" * 64,
        },
        "special_accounts.open_special_account": {"title_check": "已核对"},
        "special_accounts.fund_special_account": {
            "amount_fen": 1,
            "bank_id": str(village.bank),
            "received_on": day,
            "bank_reference": "R1",
            "receipt_sha256": "0" * 64,
        },
        "special_accounts.undo_special_deposit": reason,
        "shares.open_house_account": {
            "upkeep_statement": "正常",
            "upkeep_record_sha256": "0" * 64,
        },
        "shares.collect_share": {
            "amount_fen": 1,
            "bank_id": str(village.bank),
            "received_on": day,
            "bank_reference": "R1",
            "receipt_sha256": "0" * 64,
        },
        "shares.undo_share": reason,
        "screening.undo_screening": reason,
        "screening.undo_guidance": reason,
    }


def routes_of_persons(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Endpoint, method and rule of every route that needs a session."""
    for rule in app.url_map.iter_rules():
        declared = DECLARATIONS.get(rule.endpoint)
        if declared and declared.auth == "person" and rule.methods and rule.rule[:7] == PREFIX:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, rule


def path_to(rule: Rule, objects: dict[str, str]) -> str:
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<{argument}>", objects[argument])
    return path


@pytest.mark.parametrize("name", STRANGERS)
def test_to_strangers_it_looks_as_if_nothing_were_there(
    app: Flask,
    players: Players,
    village: Village,
    ctx: Context,
    neighbours: Neighbours,
    objects: dict[str, str],
    name: str,
) -> None:
    given = bodies(village, players, name)
    unknown = {kind: str(uuid4()) for kind in objects} | {"sha256": "0" * 64, "token": "a" * 26}
    before = rows(ctx)
    asked = 0
    for endpoint, method, rule in routes_of_persons(app):
        if endpoint in OF_EVERYBODY:
            continue
        answers = []
        for ids in (objects, unknown):
            answers.append(
                players.client.open(
                    path_to(rule, ids),
                    method=method,
                    headers=players.headers(name),
                    json=given.get(endpoint),
                )
            )
        asked += 1
        there, nowhere = answers
        if endpoint in EMPTY_LISTS:
            assert there.json == nowhere.json
            assert there.json
            assert there.json["items"] == []
        elif endpoint in PUBLIC_NOTICE:
            assert refused(there, 403) == ["not_an_affected_owner"]
        else:
            assert refused(there, 404) == ["not_found"], endpoint
            if rule.arguments:
                # Not even the words tell an object of others from one that does not exist.
                assert there.json
                assert nowhere.json
                assert there.json["errors"] == nowhere.json["errors"], endpoint
    assert asked > 40
    assert rows(ctx) == before


def test_every_body_of_the_walk_is_one_that_its_route_would_take(
    app: Flask,
    players: Players,
    village: Village,
    objects: dict[str, str],
) -> None:
    given = bodies(village, players, "manager")
    takes = {
        endpoint
        for endpoint, _, _ in routes_of_persons(app)
        if DECLARATIONS[endpoint].takes_json and endpoint not in OF_EVERYBODY
    }
    assert set(given) == takes
    for endpoint, method, rule in routes_of_persons(app):
        if endpoint not in given:
            continue
        answer = players.client.open(
            path_to(rule, objects),
            method=method,
            headers=players.headers("manager"),
            json=given[endpoint],
        )
        assert answer.status_code < 500, answer.text
        if answer.status_code == 422:
            codes = refused(answer, 422)
            assert not {"field_missing", "field_invalid", "field_unknown"} & set(codes), endpoint


# What a record holds and nobody may set: a body that names one of these is refused as a whole.
OF_THE_HOUSE = {
    "id": str(uuid4()),
    "state": "paid",
    "person_id": str(uuid4()),
    "version": 1,
    "created_at": "2025-01-01T00:00:00+08:00",
    "number": "SQ-2025-000001",
    "role": "clerk",
    "amount_fen": 1,
    "verified": True,
    "status": "verified",
}


def test_no_body_sets_what_its_route_does_not_name(
    app: Flask, players: Players, village: Village, ctx: Context, objects: dict[str, str]
) -> None:
    given = bodies(village, players, "manager")
    before = rows(ctx)
    tried = 0
    for endpoint, method, rule in routes_of_persons(app):
        body = given.get(endpoint)
        if not isinstance(body, dict):
            continue
        for field, value in OF_THE_HOUSE.items():
            if field in body:
                continue
            answer = players.client.open(
                path_to(rule, objects),
                method=method,
                headers=players.headers("manager"),
                json=body | {field: value},
            )
            assert refused(answer, 422) == ["field_unknown"], (endpoint, field)
            tried += 1
    assert tried > 300
    assert rows(ctx) == before


@pytest.mark.parametrize("name", ["manager", "owner0", "clerk", "auditor"])
def test_no_read_keeps_a_connection(
    app: Flask, players: Players, objects: dict[str, str], ctx: Context, name: str
) -> None:
    """What is read lazily would begin a session anew after its block, and hold a connection."""
    engine = ctx.sessions.kw["bind"]
    there = objects | {"token": "0" * 26}
    seen = 0
    for endpoint, method, rule in routes_of_persons(app):
        if method != "GET":
            continue
        answer = players.client.get(path_to(rule, there), headers=players.headers(name))
        assert answer.status_code < 500, endpoint
        seen += answer.status_code == 200
        assert in_use(engine) == 0, endpoint
    assert seen > 10


def test_a_case_of_ones_own_cannot_borrow_anything_next_door(
    players: Players, village: Village, neighbours: Neighbours, ctx: Context
) -> None:
    before = rows(ctx)
    foreign: list[dict[str, object]] = [
        {"lift_ids": [str(neighbours.lift)]},
        {"account_id": str(neighbours.pool)},
    ]
    for changed in foreign:
        answer = players.post("manager", "/purchases", application(village, **changed))
        assert refused(answer, 422) in (["lift_unknown"], ["account_not_of_estate"])
    there = application(village, estate_id=str(neighbours.estate))
    assert refused(players.post("manager", "/purchases", there), 404) == ["not_found"]
    assert rows(ctx) == before


def test_an_owner_next_door_is_nobody_on_this_notice(
    players: Players, village: Village, neighbours: Neighbours
) -> None:
    _, notice = village.posted()
    paper = {
        "kind": "need",
        "text": "不需要",
        "objector": "王某",
        "received_at": village.clock().isoformat(),
        "file_sha256": players.upload("clerk"),
    }
    filed = players.did("clerk", f"/notices/{notice}/paper-objections", paper, 201)
    wrong = {"owner_id": str(neighbours.owner)}
    answer = players.post("clerk", f"/objections/{filed['id']}/verification", wrong)
    assert refused(answer, 422) == ["owner_unknown"]


@pytest.mark.parametrize("name", ["supervisor", "auditor"])
def test_those_who_watch_change_nothing(
    app: Flask,
    players: Players,
    village: Village,
    ctx: Context,
    objects: dict[str, str],
    name: str,
) -> None:
    given = bodies(village, players, name)
    before = rows(ctx)
    for endpoint, method, rule in routes_of_persons(app):
        if method == "GET" or endpoint in OF_EVERYBODY | LOOKS:
            continue
        answer = players.client.open(
            path_to(rule, objects),
            method=method,
            headers=players.headers(name),
            json=given.get(endpoint),
        )
        assert 400 <= answer.status_code < 500, endpoint
    assert rows(ctx) == before


def test_a_right_that_ended_opens_nothing(players: Players, village: Village) -> None:
    here = f"/purchases/{village.drafted().id}"
    grants = players.saw("clerk", "/grants")["items"]
    mine = UUID(str(village.actor("manager").person_id))
    grant = next(g["id"] for g in grants if UUID(g["person_id"]) == mine)
    path = f"/api/v1/grants/{grant}"
    assert players.client.delete(path, headers=players.headers("clerk")).status_code == 204
    assert refused(players.get("manager", here), 404) == ["not_found"]
    gone = players.post("manager", f"{here}/withdrawal", {"reason": "改期"})
    assert refused(gone, 404) == ["not_found"]
