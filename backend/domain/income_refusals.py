"""Refusals about deposits, their interest and the yearly close; part of `domain.refusals`."""

INVALID = {
    "bank_unknown": "there is no such bank account of the fund",
    "benchmark_missing": "the city's file has no benchmark rate for a deposit of this term and day",
    "interest_before_opening": "money that the bank's opening balance holds already",
    "interest_days_invalid": "interest after the deposit's end, or paid before it was earned",
    "rate_invalid": "a rate that cannot be read",
    "rate_out_of_range": "a rate of nothing, or above what any deposit earns",
    "spread_not_positive": "a rate that is not above the benchmark earns nothing",
    "term_differs": "the first and the last day are not as far apart as the term",
    "term_invalid": "a term that cannot be read, or two of them",
    "year_out_of_range": "a year that is never closed here",
}
CONFLICT = {
    "close_basis_moved": "income, balances or accounts changed since the preview",
    "deposit_earned": "interest of the deposit was entered, so it stays",
    "deposit_known": "this bank's deposit with this number is entered already",
    "deposit_withdrawn": "the deposit was entered by mistake and withdrawn",
    "household_spent": "a flat has not as much left as it must give back",
    "household_without_account": "a flat with a balance has no pooled account",
    "households_not_reconciled": "flats had more at their opening than the ledger says",
    "income_of_households": "the city's income is the households', no pool may spend it",
    "interest_allocated": "the close of its year gave this interest to the pools",
    "interest_decided": "the interest was confirmed or turned down",
    "interest_followed": "later interest of the deposit was entered",
    "interest_not_booked": "the interest was not confirmed, or was undone already",
    "interest_waiting": "other interest of the deposit waits to be confirmed",
    "undo_decided": "the undoing was confirmed or turned down",
    "undo_waiting": "the undoing of this interest waits to be confirmed",
    "year_closed": "the year was closed, and nothing has changed since",
    "year_not_over": "the year has not ended",
    "year_not_reconciled": "interest by the records and by the ledger differ",
    "year_without_balances": "no flat had a balance in the year",
    "year_without_income": "no income of the year was booked",
}
FORBIDDEN = {
    "own_interest": "who entered interest does not confirm it",
    "own_undo": "who asked for interest to be undone does not confirm it",
    "own_preview": "who made the preview does not post it",
}
