"""Refusals about statements of the bank and their matching; part of `domain.refusals`."""

INVALID = {
    "match_amount_differs": "the line and the booking are not of the same amount",
    "statement_amount_invalid": "an amount of a bank's line that cannot be read, or is too large",
    "statement_amount_missing": "a bank's line without an amount",
    "statement_before_opening": "days that the bank account's opening balance holds already",
    "statement_both_sides": "a bank's line that is paid and received",
    "statement_column_missing": "a statement of an account without the headings of the city's file",
    "statement_column_unknown": "a column that the city's file does not know, or there twice",
    "statement_day_invalid": "a bank's line without a day that can be read",
    "statement_day_outside": "a bank's line of a day outside its statement",
    "statement_empty": "a statement without a line whose balance changed",
    "statement_gap": "days are missing between the last statement and this one",
    "statement_missing": "no statement of the bank account covers this day",
    "statement_opening_differs": "the statement does not begin with what the last one ended with",
    "statement_overlaps": "days that an imported statement covers",
    "statement_period_invalid": "a statement that ends before it begins, or in the future",
    "statement_reference_missing": "a bank's line without a reference",
    "statement_reference_repeated": "two lines of the bank have one reference",
    "statement_reference_unreadable": "a reference that a spreadsheet may have changed",
    "statement_sum_differs": "opening and lines do not add up to the closing balance",
    "statement_too_long": "a statement of more lines than are taken at once",
}
CONFLICT = {
    "line_matched": "the bank's line is matched already",
    "line_not_matched": "the bank's line is not matched, or no longer",
    "statement_matched": "lines of the statement are matched, so it stays",
    "statement_not_last": "later statements of the account follow it",
    "statement_withdrawn": "the statement was withdrawn",
    "thing_matched": "the booking is matched with another line",
    "thing_not_free": "there is no such booking to match, or no longer",
}
FORBIDDEN: dict[str, str] = {}
