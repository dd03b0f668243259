"""R3 独立产权人: JS 四（四）, annex 二（三）, with the side states of the house [D].

The owner plans with the insurer, has a special account opened and pays the years in at once; each
year is bought from it, the first by the case that opened it, the others by cases of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from backend.domain.actions import Action
from backend.domain.city.schema import CityProfile, Route
from backend.domain.roles import Role
from backend.domain.routes.carrying_out import cover, exits
from backend.domain.routes.changing import Joint, changes
from backend.domain.routes.definition import RouteDefinition
from backend.domain.routes.depositing import (
    beginning_alone,
    deposit,
    planning_alone,
    special_account,
    with_rests,
)
from backend.domain.routes.lapsing import with_lapses
from backend.domain.routes.paying import contract, payment
from backend.domain.routes.preparing import surveying
from backend.domain.states import State
from backend.domain.steps import Activity, Await, Row

# What this road says of steps that others have too.
CLAUSES: Mapping[str, str] = {
    **dict.fromkeys((Action.SURVEY, Action.SUBMIT_PLAN, Action.REVISE_PLAN), "JS附件二（三）1"),
    **dict.fromkeys(
        (
            *(Action.SIGN_CONTRACT, Action.AMEND_CONTRACT, Action.ADD_INVOICE),
            *(Action.REQUEST_PAYMENT, Action.RETURN_PAPERS, Action.ORDER_PAYMENT),
            Action.CONFIRM_PAYMENT,
        ),
        "JS附件二（三）4",
    ),
    Action.TERMINATE: "本平台默认",
}


def rows(city: CityProfile, route: Route) -> Sequence[Row]:
    """The table; nobody but the owner, the insurer and the centre has a part in it."""
    way = (
        *beginning_alone(route),
        *surveying(ready=State.SURVEYING),
        *planning_alone(route),
        *special_account(),
        *deposit(),
        *contract(after=State.FUNDED, mandated=False, posted=False),
        *payment(mandated=False, posted=False),
        *cover(),
    )
    joint = Joint(
        State.SURVEYING,
        agreeing=(State.PLAN_READY, State.SPECIAL_ACCOUNT_OPENED),
        left="电梯已移出，须重拟方案",
        came="已换保险机构，须重新查勘",
    )
    found = with_rests((*with_lapses(city, way), *changes(way, joint), *exits(way)))
    return [_of_one_owner(row) for row in found]


def _of_one_owner(row: Row) -> Row:
    """The row as it is here: a committee has no part, and the clause is this road's."""
    if isinstance(row, Await):
        return row
    clause = CLAUSES.get(row.action, row.clause)
    if isinstance(row, Activity):
        return replace(row, clause=clause)
    hear = tuple(role for role in row.notify if role is not Role.COMMITTEE_MEMBER)
    return replace(row, clause=clause, notify=hear)


def problems(route: Route) -> Iterator[tuple[str, str]]:
    """What R3 is not, by the key: an owner alone pays from a special account of their own, years
    at once, and one year at a time is paid on (JS annex 二（三）)."""
    if route.account.value != "special_account":
        yield "account.value", "这条路线由独立产权人的电梯保险专户（special_account）支付"
    if route.applicants.value != ("independent_owner",):
        yield "applicants.value", "这条路线只由独立产权人（independent_owner）办理"
    if "covers_one_year" in route.gates.value or "eligible_applicant" in route.gates.value:
        yield "gates.value", "这条路线不看统筹账户，也不需要联名，不能有这两项条件"
    for key, flag in (
        ("vote", route.vote),
        ("public_notice", route.public_notice),
        ("registration", route.registration),
    ):
        if flag.value:
            yield f"{key}.value", "独立产权人一人出资，这条路线没有这一步"
    if route.deposit_years is None:
        yield "deposit_years", "缺少一次性缴存几年的保费"
    if route.invoice_years is None or route.invoice_years.value != 1:
        yield "invoice_years", "保费按年开票、按年拨付，每次一年"


LIMITS = {"account_opening": "核对产权证明，开立专户", "funding": "一次性缴存专户保费"}

R3 = RouteDefinition("R3", "独立产权人", rows, problems, limits=LIMITS)
