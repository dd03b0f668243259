"""The table of a route, composed for one city: what may be done from where, and who answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from backend.domain.roles import Role
from backend.domain.steps import BY_OTHERS, EVERY_LIMIT, Activity, Await, Row, Step

NOTHING_NEXT = "本次办理已结束"


class BadTable(ValueError):
    """Rows that the house could not settle; one line for each fault."""


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """All rows of a route. Nothing outside asks in which state a case is: it asks the table.

    Raises `BadTable` for steps of the house that could not be taken, or not only by the house.
    """

    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        own = (step for step in self.steps if Role.SYSTEM in step.roles)
        if faults := [fault for step in own for fault in _faults(step)]:
            raise BadTable("; ".join(faults))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The rows that move a case, in order."""
        return tuple(row for row in self.rows if isinstance(row, Step))

    @cached_property
    def activities(self) -> Mapping[str, Activity]:
        """What is done beside the steps, by action."""
        return {row.action: row for row in self.rows if isinstance(row, Activity)}

    @cached_property
    def awaits(self) -> Mapping[str, Await]:
        """What a case waits for, by state."""
        return {row.state: row for row in self.rows if isinstance(row, Await)}

    @cached_property
    def house_steps(self) -> Mapping[str, tuple[Step, ...]]:
        """The house's own steps, in table order, by the state that they lead on from."""
        own = [step for step in self.steps if Role.SYSTEM in step.roles]
        states = {state for step in own for state in step.sources}
        return {state: tuple(step for step in own if state in step.sources) for state in states}

    @cached_property
    def first(self) -> Step:
        """The step that begins a case."""
        return next(step for step in self.steps if not step.sources)

    def row(self, state: str | None, action: str) -> Step | Activity | None:
        """The step of this name from this state, else the activity of it, else the first step of
        it from wherever; or None."""
        steps = (step for step in self.steps if step.action == action)
        return self.find(state, action) or self.activities.get(action) or next(steps, None)

    def find(self, state: str | None, action: str) -> Step | None:
        """The row for this action from this state (None: before the case), or None."""
        for step in self.steps_from(state):
            if step.action == action:
                return step
        return None

    def steps_from(self, state: str | None) -> tuple[Step, ...]:
        """The steps that lead on from a state (None: before the case), in table order."""
        if state is None:
            return (self.first,)
        return tuple(step for step in self.steps if state in step.sources)

    def is_final(self, state: str) -> bool:
        """Whether no step leads on from here, but to undo what closed the case."""
        return all(step.undoes or step.target == state for step in self.steps_from(state))

    def allows(self, action: str, state: str) -> bool:
        """Whether this activity has a place in a state."""
        activity = self.activities.get(action)
        return activity is not None and _leads_on(activity, state)

    @cached_property
    def limits(self) -> frozenset[str]:
        """The time limits that the steps start, those that activities meet, and those within which
        a case leaves a state: a city that offers the route says how long each is."""
        started = {step.limit for step in self.steps if step.limit}
        met = {row.meets for row in self.activities.values() if row.meets}
        return frozenset(started | met | self.stays.keys())

    @cached_property
    def stays(self) -> Mapping[str, Await]:
        """Where a case may not wait for ever, by the time limit of that."""
        return {row.stay: row for row in self.awaits.values() if row.stay}

    def stay_in(self, state: str | None) -> str | None:
        """The time limit within which a case leaves this state, if there is one."""
        waiting = self.awaits.get(state) if state else None
        return waiting.stay if waiting else None

    def next_words(self, state: str) -> str:
        """What comes next for a case in this state, in words."""
        waiting = self.awaits.get(state)
        return waiting.words if waiting else NOTHING_NEXT

    def advice(self, state: str) -> str:
        """What somebody does about a case in this state who has no page for what comes next."""
        waiting = self.awaits.get(state)
        return waiting.advice if waiting else BY_OTHERS

    def awaited(self, state: str) -> str | None:
        """The step or activity that a case in this state waits for, if there is one."""
        waiting = self.awaits.get(state)
        return waiting.action if waiting else None

    def awaited_row(self, state: str) -> Step | Activity | None:
        """The row of what a case in this state waits for, if there is one."""
        action = self.awaited(state)
        return self.row(state, action) if action else None

    def awaited_limit(self, state: str) -> str | None:
        """The time limit within which that is to come, if one runs for it."""
        row = self.awaited_row(state)
        if row is None:
            return None
        within = row.within if isinstance(row, Step) else None
        return within or (None if row.meets == EVERY_LIMIT else row.meets)

    def limit_of(self, activity: str) -> str | None:
        """The time limit that waits for this activity, if there is one."""
        row = self.activities.get(activity)
        return row.meets if row else None

    def answering(self, limit: str, state: str | None = None) -> tuple[Role, ...]:
        """Who must act within a time limit: the first role of each row that meets it or is a part
        of the way there; of a case in `state`, those whose turn it is."""
        rows = [row for row in self._serving(limit) if state is None or _leads_on(row, state)]
        first = (row.roles[0] for row in rows)
        return tuple(dict.fromkeys(role for role in first if role is not Role.SYSTEM))

    def reminded(self, limit: str, state: str | None = None) -> tuple[Role, ...]:
        """Who is reminded of a time limit: those who must act, named first, and who waits."""
        rows = [*self._serving(limit), *filter(None, [self.stays.get(limit)])]
        warned = (role for row in rows for role in row.warns)
        return tuple(dict.fromkeys((*self.answering(limit, state), *warned)))

    @cached_property
    def turns(self) -> Mapping[Role, Mapping[str, frozenset[str]]]:
        """In which states it is a role's turn to keep a time limit, by role and limit."""
        states = {state for step in self.steps for state in (*step.sources, step.target)}
        turns: dict[Role, dict[str, frozenset[str]]] = {}
        for limit in self.limits:
            for role in self.answering(limit):
                own = frozenset(each for each in states if role in self.answering(limit, each))
                turns.setdefault(role, {})[limit] = own
        return turns

    def _serving(self, limit: str) -> Iterable[Step | Activity]:
        if waiting := self.stays.get(limit):
            assert waiting.action is not None
            return filter(None, [self.row(waiting.state, waiting.action)])
        return [row for row in self.rows if not isinstance(row, Await) and serves(row, limit)]


def serves(row: Step | Activity, limit: str) -> bool:
    """Whether a row meets a time limit or is a part of the way there."""
    return row.meets == limit or (isinstance(row, Step) and row.within == limit)


def _leads_on(row: Step | Activity, state: str) -> bool:
    """Whether a row has a place in a state."""
    if isinstance(row, Step):
        return state in row.sources
    return not row.while_ or state in row.while_


def _faults(step: Step) -> Iterator[str]:
    """What of a step of the house nobody could bring, or somebody else could."""
    wrong = {
        "begins a case": not step.sources,
        "belongs to people too": step.roles != (Role.SYSTEM,),
        "has no condition": not step.guards,
        "asks for evidence": bool(step.evidence),
        "asks for a reason": step.needs_reason,
        "checks what is handed in": bool(step.checks),
        "leads nowhere": step.target in step.sources,
    }
    for fault, is_there in wrong.items():
        if is_there:
            yield f"the house's step {step.action} {fault}"
