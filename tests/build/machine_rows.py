"""Which rows of the purchase's table the generated histories reach, and how often.

A step is counted from each state that it may be taken from, an activity once for all its states.
`pytest -rP --log-level=INFO -m deep tests/services/test_purchase_machine.py` prints the counts.
"""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.store.audit import AuditEntry
from backend.store.purchases import Transition
from tests.build.looking import R1

Row = tuple[str | None, str]

STEPS: tuple[Row, ...] = tuple(
    (state, str(step.action)) for step in R1.steps for state in step.sources or (None,)
)
# Each activity, and what it leaves in the audit chain.
ACTIVITIES = {
    "cosign": ("purchase.cosign",),
    "enter_cosignatures": ("purchase.enter_cosignature",),
    "withdraw_cosignature": ("purchase.withdraw_cosignature",),
    "survey": ("survey.record",),
    "answer_plan": ("plan.approve", "plan.refuse"),
    "photograph": ("public_notice.add_photo",),
    "answer_objection": ("objection.answer",),
    "dismiss_objection": ("objection.dismiss",),
    "undo_dismissal": ("objection.undo_dismissal",),
    "add_invoice": ("purchase.add_invoice",),
    "deliver_answer": ("objection.deliver_answer",),
    "propose_refund": ("purchase.propose_refund",),
    "refuse_refund": ("purchase.refuse_refund",),
}
UNCOUNTED = {
    "enter_minutes": "leaves the links that the members' own answers leave",
    "enter_word": "only cases on paper have it, see tests/services/test_on_paper.py",
    "waive_refund": "only after a lift was taken out, see tests/services/test_retired_lifts.py",
}
ROWS: tuple[Row, ...] = (*STEPS, *((None, name) for name in ACTIVITIES))


def taken(tx: Session) -> Counter[Row]:
    """How often each row was taken in this database."""
    steps = tx.execute(select(Transition.from_state, Transition.action))
    found: Counter[Row] = Counter((state, action) for state, action in steps)
    audited = Counter(tx.scalars(select(AuditEntry.action)))
    for name, entries in ACTIVITIES.items():
        found[None, name] += sum(audited[entry] for entry in entries)
    return found


def told(reached: Counter[Row], rows: Iterable[Row] = ROWS) -> str:
    """The counts as a table, the rarest first."""
    lines = sorted((reached[row], row[1], row[0] or "") for row in rows)
    return "\n".join(f"{count:6}  {action} {state}" for count, action, state in lines)
