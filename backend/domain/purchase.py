"""One step of a purchase: what the table and its rules say to it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from backend.domain import texts
from backend.domain.actions import Action
from backend.domain.effects import Order
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.facts import ActorFact, Facts
from backend.domain.roles import (
    APPLICANT_ROLES,
    CASE_OFFICERS,
    INTERESTED_COMPANIES,
    ROLE_NAMES,
    Role,
)
from backend.domain.routes.catalogue import state_name
from backend.domain.steps import EVIDENCE_NAMES, Activity, Step
from backend.domain.table import Table


@dataclass(frozen=True)
class Decision:
    """A step that may be taken: where it leads, in which role, and what follows."""

    step: Step
    role: Role
    reason: str | None
    orders: tuple[Order, ...]


def role_for(row: Step | Activity, held: Collection[Role], applicant: Role) -> Role | None:
    """The role to act in: the row's first that is held, or None. For the applicant it is the part
    that acts for those who applied (see `applicant_role`)."""
    for role in row.roles:
        if role in held:
            return applicant if role is Role.APPLICANT else role
    return None


# What is signed by those who apply is a paper of its own: the form, the contract.
SIGNED_THEMSELVES = (Action.DRAFT, Action.APPLY, Action.SIGN_CONTRACT, Action.AMEND_CONTRACT)


def rests_on_word(step: Step, facts: Facts) -> bool:
    """Whether a clerk takes this step for owners who applied on paper, and only because they ask
    for it: that is a paper too [D]."""
    for_them = Role.APPLICANT in step.roles and Role.CLERK not in step.roles
    return bool(facts.entered_by) and for_them and step.action not in SIGNED_THEMSELVES


def refuse_role(row: Step | Activity, held: Collection[Role]) -> Refused:
    """What somebody is told who holds none of the row's roles: `role_required` (forbidden), or to
    others of the applying side `not_the_applicant` (of a step a conflict)."""
    if Role.APPLICANT in row.roles and set(held) & set(APPLICANT_ROLES.values()):
        message = "这一步只能由本次申请人办理，请联系申请人。"
        if isinstance(row, Step):
            return Refused(Refusal("not_the_applicant", message), kind="conflict")
        return refuse("not_the_applicant", message, kind="forbidden")
    names = "、".join(ROLE_NAMES[role] for role in row.roles)
    return refuse("role_required", f"这一步只能由{names}办理，请联系其办理。", kind="forbidden")


def officer_refusals(facts: Facts, role: Role) -> list[Refusal]:
    """Clerk, reviewer and cashier of one case are different people (不相容岗位分离).

    None of them has an interest of their own in it (回避): applicant, objector, property manager,
    insurer, owner in the circle, member of the committee; and whoever was one of them cannot act
    for the property company or the insurer afterwards. Who stands in for another (代办) must differ
    from the others as that one must. Nor has the district an interest in what it screens and guides
    (SG 四), but that it began the case is none.
    """
    found = separation(facts.actor, role, facts.city.different_officers.value)
    refusals = [_officer_is_party(role)] if found.is_party else []
    return refusals + [
        Refusal(
            "same_officer",
            f"您已是本案的{ROLE_NAMES[other]}，不能再担任{ROLE_NAMES[role]}，请换人办理。",
        )
        for other in found.parts
    ]


@dataclass(frozen=True)
class Separation:
    """What keeps somebody from a role in a case: an interest of their own, and the other parts that
    they, or for whom they stand in, had in it."""

    is_party: bool
    parts: Sequence[Role]


def separation(actor: ActorFact, role: Role, different: Collection[str]) -> Separation:
    """The rule of `officer_refusals` about any person; `different` are the roles that different
    people must have."""
    if role in INTERESTED_COMPANIES:
        acted = any(actor.person_id in people for people in actor.officers.values())
        return Separation(acted, ())
    if role is Role.DISTRICT:
        return Separation(actor.has_interest, ())
    if role not in CASE_OFFICERS:
        return Separation(is_party=False, parts=())
    own = actor.acting_as(role)
    parts = [
        other
        for other, people in actor.officers.items()
        if own & people and other != role and {other, role} <= set(different)
    ]
    return Separation(actor.is_party, parts)


def _officer_is_party(role: Role) -> Refusal:
    office = ROLE_NAMES[role] if role is Role.DISTRICT else "中心"
    return Refusal(
        "officer_is_party",
        "本案的申请人、异议人、相关业主、业委会委员、物业或保险机构人员不能同时是"
        f"{office}的办理人员，请换人办理。",
    )


def step_from(table: Table, state: str | None, action: str) -> Step:
    """The step of this name from here (None: before the case); raises Refused `step_not_possible`
    (conflict) when the table has none."""
    step = table.find(state, action)
    if step is None:
        now = state_name(state) if state else "尚未建立"
        raise refuse(
            "step_not_possible", f"案件目前{now}，不能办理这一步，请刷新后重试。", kind="conflict"
        )
    return step


def decide(
    step: Step, held: Iterable[Role], evidence: Iterable[str], reason: str | None, facts: Facts
) -> Decision:
    """Judge one step of a case.

    Raises Refused: `role_required` (forbidden) or `not_the_applicant` (conflict), else one list
    with everything that is missing or wrong (conflict).
    """
    held = frozenset(held)
    role = role_for(step, held, facts.applicant_role)
    if role is None:
        raise refuse_role(step, held)
    reason = texts.tidy(reason) or None
    refusals = [*_papers(step, set(evidence), reason), *officer_refusals(facts, role)]
    if refusals := [*refusals, *refusals_of(step, facts)]:
        raise Refused(*refusals, kind="conflict")
    orders = tuple(order for effect in step.effects for order in effect(facts))
    return Decision(step, role, reason, orders)


def refusals_of(step: Step, facts: Facts) -> list[Refusal]:
    """What the conditions and the checks of a step say, whoever takes it."""
    return [refusal for rule in (*step.guards, *step.checks) for refusal in rule(facts)]


def _papers(step: Step, given: Collection[str], reason: str | None) -> list[Refusal]:
    refusals = [
        Refusal("evidence_missing", f"缺少{EVIDENCE_NAMES[kind]}，请补充。", kind)
        for kind in step.evidence
        if kind not in given
    ]
    if step.needs_reason or reason:
        refusals += texts.wrong(reason, texts.REASON_LIMIT, "reason", "理由")
    return refusals
