"""One step of a purchase: what the table and its guards say to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.domain import texts
from backend.domain.effects import Order
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.facts import Facts
from backend.domain.roles import APPLICANT_ROLES, CASE_OFFICERS, PARTIES, ROLE_NAMES, Role
from backend.domain.states import STATE_NAMES, State
from backend.domain.steps import EVIDENCE_NAMES, Step, find_step


@dataclass(frozen=True)
class Decision:
    """A step that may be taken: where it leads, in which role, and what follows."""

    step: Step
    role: Role
    reason: str | None
    orders: tuple[Order, ...]


def check_officers(
    officers: Mapping[Role, frozenset[UUID]], role: Role, actor_id: UUID | None, is_party: bool
) -> list[Refusal]:
    """Clerk, reviewer and cashier of one case are three different people (不相容岗位分离).

    None of them `is_party`: applicant, objector, property manager or insurer; and whoever
    was one of them cannot act for the property company or the insurer afterwards.
    """
    if role in PARTIES and any(actor_id in people for people in officers.values()):
        return [_officer_is_party()]
    if role not in CASE_OFFICERS:
        return []
    refusals = [_officer_is_party()] if is_party else []
    return refusals + [
        Refusal(
            "same_officer",
            f"您已是本案的{ROLE_NAMES[other]}，不能再担任{ROLE_NAMES[role]}，请换人办理。",
        )
        for other, people in officers.items()
        if actor_id in people and other != role and other in CASE_OFFICERS
    ]


def _officer_is_party() -> Refusal:
    return Refusal(
        "officer_is_party",
        "本案的申请人、物业、保险机构或异议人不能同时是中心的办理人员，请换人办理。",
    )


def allowed_role(step: Step, held: Iterable[Role], applicant: str) -> Role:
    """The role to act in: the applicant's own if it fits, else the step's first that is held.

    Raises Refused (forbidden) when none of the held ones may take the step.
    """
    held = set(held)
    for role in (APPLICANT_ROLES.get(applicant), *step.roles):
        if role in held and role in step.roles:
            return role
    names = "、".join(ROLE_NAMES[role] for role in step.roles)
    raise refuse("role_required", f"这一步只能由{names}办理，请联系其办理。", kind="forbidden")


def decide(
    table: Iterable[Step],
    state: State | None,
    action: str,
    held: Iterable[Role],
    evidence: Iterable[str],
    reason: str | None,
    facts: Facts,
) -> Decision:
    """Judge one action on a case.

    Raises Refused: `step_not_possible` (conflict) when the table has no such step from here,
    `role_required` (forbidden), else one list with everything that is missing or wrong (conflict).
    """
    step = find_step(table, state, action)
    if step is None:
        now = STATE_NAMES[state] if state else "尚未建立"
        raise refuse(
            "step_not_possible", f"案件目前{now}，不能办理这一步，请刷新后重试。", kind="conflict"
        )
    role = allowed_role(step, held, facts.applicant)
    reason = texts.tidy(reason) or None
    given = set(evidence)
    refusals = [
        Refusal("evidence_missing", f"缺少{EVIDENCE_NAMES[kind]}，请补充。", kind)
        for kind in step.evidence
        if kind not in given
    ]
    if step.needs_reason or reason:
        refusals += texts.wrong(reason, texts.REASON_LIMIT, "reason", "理由")
    refusals += check_officers(facts.officers, role, facts.actor_id, facts.actor_is_party)
    for guard in step.guards:
        refusals += guard(facts)
    if refusals:
        raise Refused(*refusals, kind="conflict")
    orders = tuple(order for effect in step.effects for order in effect(facts))
    return Decision(step, role, reason, orders)
