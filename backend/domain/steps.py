"""The vocabulary of a purchase: states, actions, evidence, and the shape of a step.

A route is a table of steps (see `routes.py`), not a pile of ifs. This module gives the words and
the lookups; `purchase.decide` applies a table to the facts of a case.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from backend.domain.city.schema import LimitKind
from backend.domain.effects import Order
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.roles import Role
from backend.domain.states import STATE_NAMES, State

Guard = Callable[[Facts], list[Refusal]]
Effect = Callable[[Facts], tuple[Order, ...]]

EVERY_LIMIT: Literal["*"] = "*"
OFTEN = 8


class EvidenceKind(StrEnum):
    """What a step can rest on. Values are the `kind` of an evidence row."""

    APPLICATION_FORM = "application_form"
    UPKEEP_STATEMENT = "upkeep_statement"
    RECTIFICATION = "rectification"
    NO_PAPER_OBJECTION = "no_paper_objection"
    BANK_RECEIPT = "bank_receipt"
    POLICY_DOCUMENT = "policy_document"


EVIDENCE_NAMES = {
    EvidenceKind.APPLICATION_FORM: "申请表",
    EvidenceKind.UPKEEP_STATEMENT: "物业管理和维保正常的说明",
    EvidenceKind.RECTIFICATION: "整改材料",
    EvidenceKind.NO_PAPER_OBJECTION: "未收到纸质异议的确认",
    EvidenceKind.BANK_RECEIPT: "银行回单",
    EvidenceKind.POLICY_DOCUMENT: "保险单",
}


@dataclass(frozen=True)
class Step:
    """One row of a route's table.

    `sources` are the states it may be taken from (empty: it begins a case). `roles` may take it, in
    order of preference. `evidence` must be handed in with it. All `guards` are asked and all their
    refusals told at once. `effects` say what follows. `limit` names the time limit that begins with
    the new state, `meets` the one that the step fulfils (`EVERY_LIMIT`: nothing is waited for any
    more). `notify` are the roles who hear of it.
    """

    action: str
    sources: tuple[State, ...]
    target: State
    roles: tuple[Role, ...]
    clause: str
    evidence: tuple[EvidenceKind, ...] = ()
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    limit: LimitKind | None = None
    meets: LimitKind | Literal["*"] | None = None
    notify: tuple[Role, ...] = ()
    needs_reason: bool = False


def find_step(table: Iterable[Step], state: State | None, action: str) -> Step | None:
    """The row for this action from this state (None: before the case), or None."""
    for step in table:
        if step.action == action and (state in step.sources if state else not step.sources):
            return step
    return None


def possible_actions(table: Iterable[Step], state: State) -> list[str]:
    """The actions that the table allows from a state, in table order."""
    return [step.action for step in table if state in step.sources]


def is_final(table: Iterable[Step], state: State) -> bool:
    """Whether no step leads on from here: the case is closed."""
    return not possible_actions(table, state)


def diagram(table: Iterable[Step]) -> str:
    """The table as a Mermaid state diagram, with Chinese state names and action labels.

    A step that may be taken from almost everywhere (`OFTEN` states or more) would bury the way
    under its arrows; it is drawn once, from a box of its own.
    """
    names: dict[str, str] = {}
    arrows = []
    for step in table:
        names[step.target] = f"{STATE_NAMES[step.target]} {step.target}"
        sources: Iterable[str] = step.sources or ("[*]",)
        if len(step.sources) >= OFTEN:
            box = f"from_{len(step.sources)}_states"
            names[box] = f"{STATE_NAMES[step.sources[0]]} … {STATE_NAMES[step.sources[-1]]}"
            sources = (box,)
        arrows += [f"    {source} --> {step.target}: {step.action}" for source in sources]
    states = [f'    state "{label}" as {name}' for name, label in names.items()]
    return "\n".join(["stateDiagram-v2", *states, *arrows]) + "\n"
