"""What may be done with a case from here: asked before anybody hands anything in. Pure.

`foresee` and `purchase.decide` look at the same rows: a step is taken when nothing is foreseen
against it, its papers are handed in, and what is handed in passes its checks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.domain.errors import Refusal
from backend.domain.facts import Facts, Group
from backend.domain.local_time import midnight_after
from backend.domain.purchase import officer_refusals, role_for
from backend.domain.roles import Role
from backend.domain.rules import groups_read
from backend.domain.steps import EvidenceKind, Step
from backend.domain.table import Table


@dataclass(frozen=True, eq=False)
class Offer:
    """A step from here, for one person: `role` is the one to take it in, None when others must.

    `barred` says why this very person may not, although the role is held (separation of duties).
    """

    step: Step
    role: Role | None
    barred: tuple[Refusal, ...]
    facts: Facts

    @property
    def is_open(self) -> bool:
        """Whether this person may take the step once the case is ready for it."""
        return self.role is not None and not self.barred

    @property
    def groups(self) -> frozenset[Group]:
        """The groups of facts that `refusals` looks at."""
        return groups_read(self.step.guards)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What stands in the way already: of this person, then of the case as it is."""
        of_case = (refusal for guard in self.step.guards for refusal in guard(self.facts))
        return (*self.barred, *of_case)

    @property
    def needs(self) -> tuple[EvidenceKind, ...]:
        """What must be handed in with it."""
        return self.step.evidence


def foresee(table: Table, state: str, held: Collection[Role], facts: Facts) -> tuple[Offer, ...]:
    """Every step from here: by whom, what is in the way already, what must be handed in."""
    offers = []
    for step in table.steps_from(state):
        role = role_for(step, held, facts.applicant_role)
        barred = officer_refusals(facts, role) if role else []
        offers.append(Offer(step, role, tuple(barred), facts))
    return tuple(offers)


def wakes_at(table: Table, state: str, facts: Facts) -> datetime | None:
    """The next moment at which time alone may open a step of the house from here, or None."""
    days = []
    for step in table.house_steps.get(state, ()):
        timed = [day for opens_on in step.opening_days if (day := opens_on(facts))]
        days += [max(timed)] if timed else []
    later = [day for day in days if day > facts.today]
    return midnight_after(min(later) - timedelta(days=1)) if later else None
