"""Whatever the table of the purchase knows is tried by the generated histories."""

from backend.domain.roles import Role
from tests.build.looking import R1
from tests.build.machine_acts import ACTS
from tests.build.machine_ways import ASIDE, CLOSING

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
