"""The gates of a plan (准入条件) and the conditions that stand for them in the tables."""

from collections.abc import Mapping

from backend.domain import guards as must
from backend.domain.city.schema import Route
from backend.domain.steps import Guard

GATES: Mapping[str, tuple[Guard, ...]] = {
    "eligible_applicant": (must.eligible_applicant,),
    "covers_one_year": (must.covers_one_year,),
    "managed_and_upkept": (must.managed_normally, must.inspected),
    "insurer_conditions": (must.every_lift_surveyed,),
}


def asked(route: Route, *conditions: Guard) -> tuple[Guard, ...]:
    """These conditions without those that stand for a gate which the route does not have."""
    left_out = {
        guard for gate, guards in GATES.items() if gate not in route.gates.value for guard in guards
    }
    return tuple(guard for guard in conditions if guard not in left_out)
