"""Refusals about what comes to the counter on paper; part of `domain.refusals`."""

INVALID = {
    "delivery_way_invalid": "a letter about a case is announced instead of given",
    "minutes_date_invalid": "a meeting before the plan, or in the future",
    "received_at_invalid": "a paper received before there was what it is about, or in the future",
    "withdrawal_paper_missing": "a withdrawal on paper without the paper",
}
CONFLICT = {
    "not_on_paper": "the owners applied on their phones and act there",
    "own_entry": "nobody hands in what they entered from paper themselves",
    "paper_entry_decided": "another clerk compared it or turned it down already",
    "paper_entry_waiting": "what was entered before about the same waits to be compared",
    "paper_reused": "the scan serves another case, or another purpose",
}
FORBIDDEN = {
    "own_paper_entry": "who entered a paper does not compare it",
}
