"""Whatever the table of the purchase knows is tried by the generated histories."""

import pytest
from sqlalchemy import select

from backend.domain.roles import Role
from backend.store.proposals import OpeningCorrection
from backend.store.queries.banks import all_banks
from tests.build.looking import R1
from tests.build.machine_acts import ACTS
from tests.build.machine_truths import books_balance
from tests.build.machine_ways import ASIDE, CLOSING
from tests.build.machine_world import correct_opening, second_bank
from tests.build.village import Village

# Acts that try several rows, or bear a shorter name.
NAMES = {
    "sign_contract": "contract",
    "amend_contract": "contract",
    "confirm_payment": "confirm",
    "issue_policy": "issue",
    "set_policy": "issue",
    "photograph": "photo",
    "post_notice": "photo",
    "add_invoice": "invoice",
    "answer_plan": "answer",
    "give_back": "confirm_refund",
    "cancel": "confirm_refund",
}
# Rows that are no act of `machine_acts`, each with the reason.
ELSEWHERE = {"draft": "the histories begin with it, and whenever a case is closed"}


def test_each_step_and_activity_is_tried_and_the_house_takes_its_own() -> None:
    people = {str(step.action) for step in R1.steps if step.roles != (Role.SYSTEM,)}
    people |= {str(action) for action in R1.activities}
    tried = {NAMES.get(action, action) for action in people} & ACTS.keys()
    assert {action for action in people if NAMES.get(action, action) not in tried} == set(ELSEWHERE)


def test_each_way_aside_is_a_row_of_the_table() -> None:
    rows = {str(step.action) for step in R1.steps}
    assert ASIDE.keys() | CLOSING.keys() <= rows


@pytest.mark.parametrize("number", [0, 1])
def test_the_books_change_as_the_histories_want_it(village: Village, number: int) -> None:
    """Nothing here is refused, or chance would never reach a second bank, nor another opening."""
    second_bank(village, number)
    correct_opening(village, number)
    with village.ctx.sessions() as tx:
        books_balance(tx)
        decided = tx.scalars(select(OpeningCorrection.confirmed)).one()
        assert len(all_banks(tx)) == 2
    assert decided is (village.clock().day % 3 > 0)
