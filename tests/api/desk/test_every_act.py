"""What the table offers beside the straight way is done by its form too: back, aside, otherwise."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from backend.desk.acts.every import ACTS
from backend.desk.values import Kind
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.routes.catalogue import action_name
from backend.services.registry import lifts
from tests.build.insurers import add_insurer
from tests.build.looking import BRING_TO, case, vote
from tests.build.office import Office
from tests.build.on_paper import signed
from tests.build.papers import pdf
from tests.build.players import appoint
from tests.build.village import Village

At = Callable[[str], Office]


class Acting:
    """Whoever is named does something with the case, by its form: papers and reasons are given."""

    def __init__(self, at_desk: At, of: UUID) -> None:
        self._at_desk, self.case = at_desk, of
        self._offices: dict[str, Office] = {}

    def does(self, who: str, action: str, **typed: str) -> None:
        if who not in self._offices:
            self._offices[who] = self._at_desk(who)
        office = self._offices[who]
        form = office.open(f"/desk/cases/{self.case}/{action}")
        wanted = [field for field in ACTS[action].fields if not field.optional]
        given: dict[str, Any] = {field.name: pdf() for field in wanted if field.kind is Kind.FILE}
        if any(field.name == "reason" for field in wanted):
            given["reason"] = "核对后更正"
        done = office.submit(form, **{**given, **typed})
        assert f"已办理：{action_name(action)}" in done.text, done.text


def test_before_a_plan_every_way_back_is_a_form(at_desk: At, village: Village) -> None:
    acting = Acting(at_desk, BRING_TO["applied"](village).id)
    acting.does("clerk", "reject")
    acting.does("reviewer", "undo_reject")
    acting.does("clerk", "query_funds", upkeep_statement="维保正常")
    acting.does("insurer", "survey", **{"surveys.0.result": "failed", "surveys.0.findings": "异响"})
    acting.does("insurer", "fail_survey")
    acting.does("manager", "rectify", statement="制动器换好了")
    acting.does("clerk", "mark_short")
    acting.does("reviewer", "terminate")


def test_what_an_application_is_about_is_changed_by_forms(at_desk: At, village: Village) -> None:
    other = add_insurer(village)
    acting = Acting(at_desk, village.drafted().id)
    acting.does("manager", "drop_lift", lift_id=str(village.lifts[0]))
    acting.does("manager", "change_insurer", insurer_id=str(other))
    acting.does("manager", "withdraw")


def test_a_plan_that_was_refused_is_revised_or_another_asked_for_by_forms(
    at_desk: At, village: Village
) -> None:
    purchase = BRING_TO["refused"](village)
    acting = Acting(at_desk, purchase.id)
    acting.does("insurer", "revise_plan", scope_of_cover="故障维修和年检")
    for name in ("member0", "member1"):
        vote(village, case(village, purchase), name, "refuse")
    acting.does("manager", "request_plan")


def test_a_notice_that_hangs_nowhere_is_taken_back_by_its_form(
    at_desk: At, village: Village
) -> None:
    acting = Acting(at_desk, village.approved().id)
    acting.does("manager", "draft_notice")
    acting.does("clerk", "undo_draft_notice")


def test_after_the_notice_every_way_back_is_a_form(at_desk: At, village: Village) -> None:
    acting = Acting(at_desk, village.cleared().id)
    acting.does("reviewer", "undo_clear")
    acting.does("clerk", "clear", statement="收件处查到昨天")
    acting.does("reviewer", "register")
    acting.does("reviewer", "undo_register")
    acting.does("reviewer", "register")
    acting.does("manager", "sign_contract", number="HT-1")
    acting.does("manager", "amend_contract", number="HT-2")


def test_a_payment_and_a_policy_are_set_right_by_forms(at_desk: At, village: Village) -> None:
    acting = Acting(at_desk, village.reviewed().id)
    acting.does("cashier", "order_payment")
    acting.does("cashier", "reject_payment")
    acting.does("cashier", "order_payment")
    acting.does("cashier", "confirm_payment", bank_reference="BANK-1")
    acting.does("reviewer", "undo_confirm_payment")
    acting.does("cashier", "confirm_payment", bank_reference="BANK-2")
    acting.does("cashier", "return_payment")
    acting.does("cashier", "order_payment")
    acting.does("cashier", "confirm_payment", bank_reference="BANK-3")
    acting.does("insurer", "issue_policy", number="PL-1")
    acting.does("insurer", "set_policy", number="PL-2")
    clerk, today = village.actor("clerk"), local_date(village.clock())
    lifts.retire(village.ctx, clerk, village.lifts[0], today, "报废", None)
    acting.does("cashier", "waive_refund")


def test_what_owners_write_on_paper_is_entered_and_taken_back_by_forms(
    at_desk: At, village: Village
) -> None:
    clerk = at_desk("clerk")
    form = clerk.open(clerk.open("/desk/applications").links["示例小区"])
    rows = "\n".join(_row(number) for number in (0, 1))
    form = clerk.submit(form, **{"signatures.paste": rows, "fill": "yes"})
    begun = clerk.submit(form, file_sha256=pdf())
    acting = Acting(at_desk, UUID(begun.address.rpartition("/")[2]))
    one = dict(zip(("building", "unit", "room", "name"), _row(2).split("\t"), strict=True))
    now = f"{village.clock().astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
    signature = {f"signatures.0.{k}": v for k, v in one.items()}
    form = clerk.open(f"/desk/cases/{acting.case}/enter_cosignatures")
    entered = clerk.submit(form, **signature, received_at=now, file_sha256=pdf())
    assert "核对以后计入" in entered.text
    appoint(village, "auditor", "clerk")
    other = at_desk("auditor")
    waits = other.open(other.open("/desk/").links["纸质联名"])
    other.fill(waits, waits.form_to("/confirmation"))
    acting.does("clerk", "withdraw_cosignature", **one)
    acting.does("clerk", "enter_word")


def _row(number: int) -> str:
    (one,) = signed(number)
    return "\t".join((one.building, one.unit, one.room, one.name))
