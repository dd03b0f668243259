"""Refusals about estates that are screened and guided; part of `domain.refusals`."""

INVALID = {
    "account_not_citys": "an account that is no pool of the whole city, or is closed",
    "criterion_repeated": "a criterion stands on the sheet of a screening twice",
    "criterion_unknown": "the city's plan has no such criterion",
    "route_takes_no_applications": "on this route an estate is screened, and nobody applies",
}
CONFLICT = {
    "criterion_missing": "the sheet of a screening says nothing of a criterion",
    "criterion_not_met": "the estate does not meet a criterion of the plan",
    "estate_screened": "the estate is screened already, and not guided yet",
    "lift_data_incomplete": "something that the insurer must know of a lift is not registered",
}
FORBIDDEN: dict[str, str] = {}
