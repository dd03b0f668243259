"""What refers to a row is found by index: a city of 300,000 lifts is read like a village.

`bench.growth` counts what that spares.
"""

from collections.abc import Iterator

from sqlalchemy import Column, Constraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from backend.store.tables import Base

# Who did something is shown with it, and searched for by nobody but the person's own data.
WHO = ("_by", "actor_id", "stands_in_for", "in_stead_of")
# Nobody looks for rows by these either, or what they are looked for with comes first.
NOT_SEARCHED = {
    "account.insurer_id": "a few accounts of the house",
    "ballot.household_id": "found by its vote",
    "ballot.proxy_id": "found by its vote",
    "bank_transfer.entry_id": "a few a year",
    "bank_transfer.to_bank_id": "a few a year",
    "case_handover.from_person": "found by its case, or by who took it over",
    "chat_turn.plan_id": "a row for each person who writes",
    "contract.insurer_id": "found by its case",
    "opening_correction.entry_id": "a few corrections in a city's life",
    "opening_figure.account_id": "a few corrections in a city's life",
    "coverage_period.insurer_id": "found by its lift or case",
    "deposit_interest.entry_id": "the interest names its entry",
    "interest_undo.entry_id": "a few undoings in a city's life",
    "invoice.insurer_id": "found by its case",
    "lift.maintainer_id": "shown with the lift",
    "lift.replaced_by_id": "shown with the lift",
    "officer_act.person_id": "found by its case",
    "past_income.entry_id": "a few in a city's life",
    "period_lock.close_id": "a few a year",
    "plan.insurer_id": "found by its case",
    "policy.insurer_id": "found by its case, or with its number",
    "print_item.lift_id": "found by its order",
    "print_item.notice_id": "found by its order",
    "print_item.poster_sha256": "found by its order",
    "print_item.unit_id": "found by its order",
    "public_notice_photo.unit_id": "found by its notice",
    "purchase.contract_id": "the case names its papers",
    "purchase.invoice_id": "the case names its papers",
    "purchase.plan_id": "the case names its papers",
    "purchase.policy_id": "the case names its papers",
    "succession.company_id": "found by its estate",
    "succession.former_id": "found by its estate",
    "survey.insurer_id": "found by its case",
    "survey.lift_id": "found by its case",
    "takedown.objection_id": "found by its notice",
    "year_close.entry_id": "a few closes in a city's life",
    "year_share.account_id": "found by its close",
}
# Nobody looks for those that are over.
OPEN_ONES = {
    "bank_agreement.bank_id",
    "deposit.bank_id",
    "deposit_interest.bank_id",
    "takedown.notice_id",
}
OPEN_ONES |= {"leading_decision.interest_id", "past_income.undoes_id"}
OPEN_ONES |= {"bank_match.deposit_id", "bank_match.entry_id", "bank_transfer.from_bank_id"}
OPEN_ONES |= {"special_deposit.bank_id"}
# Searched for by the code that hangs, of which there are few at a time.
OF_POSTERS = {"follow.token", "poster.token", "public_notice_photo.poster_sha256"}


def leading(table: Table, *, of_all: bool) -> set[str]:
    """The columns by which rows of a table are found: all of them, or at least the open ones."""
    groups: list[Constraint | Index] = [*table.constraints, *table.indexes]
    found = {"lift_id"} if table.name == "coverage_period" else set()  # by its exclusion
    for one in groups:
        if of_all and is_partial(one):
            continue
        if isinstance(one, PrimaryKeyConstraint | UniqueConstraint | Index) and one.columns:
            found.add(next(iter(one.columns)).name)
    return found


def is_partial(one: Constraint | Index) -> bool:
    options = one.dialect_options["postgresql"] if isinstance(one, Index) else {}
    return options.get("where") is not None


def referring() -> Iterator[Column[object]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.foreign_keys and column.computed is None and not column.name.endswith(WHO):
                yield column


def not_found_by_index(*, of_all: bool) -> set[str]:
    return {
        f"{column.table.name}.{column.name}"
        for column in referring()
        if column.name not in leading(column.table, of_all=of_all)
    }


def test_what_refers_to_a_row_has_an_index_or_a_reason() -> None:
    assert not_found_by_index(of_all=False) - OF_POSTERS == NOT_SEARCHED.keys()


def test_what_is_over_is_found_too_or_nobody_looks_for_it() -> None:
    assert not_found_by_index(of_all=True) - not_found_by_index(of_all=False) == OPEN_ONES
