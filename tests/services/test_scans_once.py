"""A scan that somebody signed proves one thing of one case, and is refused anywhere else."""

from collections.abc import Callable

import pytest

from backend.domain.approval import Answer
from backend.domain.errors import Refused
from backend.domain.letters import Given, How
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.minutes import Minutes, SeatAnswer
from backend.services.purchase.paper_entries import Scanned
from backend.store.purchases import Purchase
from tests.build.comparing import withdrawn_on_paper
from tests.build.looking import today
from tests.build.village import Village, called


def flat(number: int) -> SignedOnPaper:
    """As the form says who signed, of the village's four owners."""
    return SignedOnPaper("1栋", f"{number % 2 + 1}单元", f"{number + 1}01", called("冯样", number))


def refused(what: Callable[[], object]) -> None:
    """The scan was used elsewhere: it says so at its field."""
    with pytest.raises(Refused) as said:
        what()
    assert [(one.code, one.field) for one in said.value.refusals] == [
        ("paper_reused", "file_sha256")
    ]


def entered(village: Village, purchase: Purchase, scan: str, *owners: int) -> int:
    return village.clerk.enters_signatures(purchase.id, [flat(number) for number in owners], scan)


def minuted(village: Village, purchase: Purchase, scan: str) -> None:
    assert purchase.plan_id
    said = [SeatAnswer(called("陈样", 0), Answer.APPROVE)]
    village.clerk.enters_minutes(
        purchase.plan_id, Minutes(today(village), said, Scanned(scan, village.clock()))
    )


def test_signatures_of_one_application_are_not_those_of_another(village: Village) -> None:
    first, other = (village.drafted("owners", "owner0") for _ in range(2))
    scan = village.upload("clerk")
    assert entered(village, first, scan, 1) == 2
    refused(lambda: entered(village, other, scan, 1))
    assert entered(village, first, scan, 2) == 3  # the same form, a line that was left out
    assert entered(village, other, village.upload("clerk"), 1) == 2


def test_the_form_under_which_somebody_signed_does_not_take_the_signature_back(
    village: Village,
) -> None:
    first, other = (village.drafted("owners", "owner0") for _ in range(2))
    form, letter = village.upload("clerk"), village.upload("clerk")
    for purchase, scan in ((first, form), (other, village.upload("clerk"))):
        entered(village, purchase, scan, 1)
    refused(lambda: village.clerk.withdraws_on_paper(first.id, flat(1), form))
    assert village.clerk.withdraws_on_paper(first.id, flat(1), letter) == 1
    refused(lambda: village.clerk.withdraws_on_paper(other.id, flat(1), letter))


def test_minutes_are_of_one_plan_and_may_be_entered_again_for_it(village: Village) -> None:
    purchase = village.planned()
    scan = village.upload("clerk")
    minuted(village, purchase, scan)
    minuted(village, purchase, scan)
    revised = village.person("insurer").revises_plan(purchase.id, village.terms(1), "降低保费")
    refused(lambda: minuted(village, revised, scan))
    minuted(village, revised, village.upload("clerk"))


def test_the_minutes_of_another_case_are_refused_and_so_is_a_form_as_minutes(
    village: Village,
) -> None:
    draft = village.drafted("owners", "owner0")
    form = village.upload("clerk")
    entered(village, draft, form, 1)
    refused(lambda: minuted(village, village.planned(), form))


def test_a_letter_that_withdraws_an_objection_is_of_that_case(village: Village) -> None:
    draft = village.drafted("owners", "owner0")
    form = village.upload("clerk")
    entered(village, draft, form, 1)
    _, notice = village.posted()
    objection = village.person("owner2").objects(notice, "price", "太贵")
    clerk = village.actor("clerk")
    refused(lambda: withdrawn_on_paper(village.ctx, clerk, objection.id, form))
    letter = village.upload("clerk")
    withdrawn_on_paper(village.ctx, clerk, objection.id, letter)
    refused(lambda: entered(village, draft, letter, 2))


def test_the_proof_of_a_letter_is_of_that_case(village: Village) -> None:
    draft = village.drafted("owners", "owner0")
    form = village.upload("clerk")
    entered(village, draft, form, 1)
    _, notice = village.posted()
    paper = PaperObjection("need", "还在质保期", "路人甲", village.clock(), None)
    objection = village.clerk.enters_paper(notice, paper)
    village.clerk.verifies(objection.id, None, "经核对，名册中没有此人")
    refused(
        lambda: village.clerk.delivers(objection.id, Given(How.HANDED_OVER, today(village), form))
    )
    proof = village.upload("clerk")
    village.clerk.delivers(objection.id, Given(How.HANDED_OVER, today(village), proof))
    refused(lambda: entered(village, draft, proof, 2))
