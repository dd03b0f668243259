"""Every refusal there is: its stable code, how it is answered, and what it means. One per fault.

A code is public: programs decide by it, so it neither changes nor means two things. `docs/api.md`
holds this list (`tibao codes`); a test finds codes that are missing here or used by nobody.
"""

from collections.abc import Mapping

from backend.domain.errors import Kind

# What was sent is wrong; who sent it can mend it.
INVALID = {
    "account_not_a_source": "premiums are not paid out of an account of this kind",
    "account_not_of_estate": "the route is not paid from this account of this estate",
    "account_required": "this route is paid from a pooled account, which the draft names",
    "amount_invalid": "an amount that cannot be read",
    "amount_negative": "an amount below zero",
    "amount_not_positive": "an amount that must be more than zero",
    "answer_unknown": "an answer other than approve and refuse",
    "applicant_not_allowed": "the route takes no applicants of this kind",
    "confirm_required": "leaving must be confirmed",
    "contract_date_invalid": "a contract dated in the future or before the registration",
    "cover_begins_in_past": "the first covered day has passed",
    "cursor_invalid": "a page that begins nowhere",
    "date_invalid": "a date that cannot be read",
    "date_out_of_range": "a limit that begins outside the years that can be computed",
    "days_out_of_range": "a limit of no day, or of more than a year",
    "entry_unbalanced": "debits and credits of an entry differ",
    "field_invalid": "a value that does not have the documented form",
    "field_missing": "a field that must be there is not",
    "field_unknown": "a field that the route does not know",
    "file_unknown": "a file that this person has not uploaded",
    "holiday_file_invalid": "a holiday file with mistakes",
    "holiday_file_unreadable": "a holiday file that is neither TOML nor JSON",
    "insurer_unknown": "there is no such insurer",
    "invoice_date_invalid": "an invoice dated in the future",
    "kind_unknown": "a time limit of a kind that the city does not know",
    "kinds_missing": "no kind of poster was chosen",
    "lift_not_in_purchase": "the lift is not in the application",
    "lift_unknown": "a lift that is not of this estate",
    "lifts_missing": "no lift was chosen",
    "lifts_repeated": "a lift was named twice",
    "list_too_long": "more items than a list may have",
    "list_too_short": "fewer items than a list must have",
    "name_invalid": "no full name",
    "name_repeated": "a sum is split between two of one name",
    "object_expected": "the body is no JSON object",
    "objection_kind_unknown": "there is no such kind of objection",
    "objection_late": "the notice was over when the objection was filed",
    "opening_not_reconciled": "opening balances do not add up to the bank's",
    "owner_is_not_the_author": "the owner is not the person who sent the objection",
    "owner_unknown": "the owner is not affected by this notice",
    "period_empty": "a time that ends before it begins",
    "period_invalid": "cover that ends before it begins",
    "period_too_long": "cover of more than a year",
    "phone_code_invalid": "the platform does not know this phone code, or no longer",
    "phone_invalid": "no phone number that can be dialled",
    "phone_or_code": "either a phone or a phone code, not both and not neither",
    "photo_too_small": "a picture too small to show anything",
    "photo_not_a_picture": "the file is no picture",
    "photo_repeated": "a photo was handed in twice",
    "photo_shows_nothing": "a photo of a notice that is black, white or of one colour",
    "photo_time_invalid": "a photo taken before the notice was drafted, or in the future",
    "photo_too_early": "an end photo taken before the last day",
    "photos_too_many": "more photos than an objection may have",
    "place_not_in_notice": "the notice does not hang in this unit",
    "plan_lifts_differ": "the plan covers other lifts than the application",
    "poster_incomplete": "what the poster is of was not said",
    "poster_unknown": "the poster was not made of this notice",
    "received_at_invalid": "a paper received before the notice began, or in the future",
    "role_not_granted": "a role that comes from the roster and is never granted",
    "route_not_offered": "the city does not offer this route",
    "scene_invalid": "a scene that the platform's code cannot carry",
    "scope_mismatch": "the role is not granted within a scope of this kind",
    "signature_too_small": "a signature that is hardly there",
    "spread_not_positive": "a rate that is not above the benchmark earns nothing",
    "text_characters_invalid": "a text with characters that nobody can see",
    "text_required": "a text is needed, and nothing that can be read was written",
    "text_too_long": "more characters than a text may have",
    "text_too_short": "fewer characters than a text must have",
    "until_past": "a right that would end before now",
    "upload_active": "a PDF that would do something by itself, or holds other files",
    "upload_damaged": "a file that is cut off or broken",
    "upload_empty": "a file without content",
    "upload_locked": "a PDF that asks for a password",
    "upload_type_unsupported": "a file that is no picture and no PDF",
    "value_out_of_range": "a number too large to be kept",
    "weight_invalid": "a weight that cannot be read",
    "weight_negative": "a weight below zero",
    "weights_missing": "a sum to be split between nobody",
    "weights_zero": "a sum to be split by weights that are all zero",
    "withdrawal_paper_missing": "a withdrawal on paper without the paper",
}

# What was sent is in order, but the case, the roster or somebody else stands in the way.
CONFLICT = {
    "account_empty": "the account has nothing to spend",
    "account_number_taken": "the number is of another account",
    "already_bound": "the roster entry is another person's",
    "already_decided": "the plan waits for no answers any more",
    "already_verified": "the person is bound to this roster entry",
    "answered_later": "the member gave another answer after this one",
    "approval_needed": "the committee must approve first",
    "approval_not_reached": "not more than half of those in office approved",
    "author_not_verified": "the author is not known to be an affected owner",
    "balance_insufficient": "the account would fall below what is held of it",
    "bank_account_missing": "no bank account was imported",
    "bank_reference_used": "the bank's reference is of another payment",
    "verification_closed": "the verification was decided",
    "case_closed": "the case is over",
    "committee_not_in_office": "no term of office runs",
    "conflicts_with_records": "the write contradicts what is kept",
    "contract_above_plan": "the contract costs more than the plan",
    "contract_insurer_differs": "the contract is with another insurer than the plan",
    "contract_lifts_differ": "the contract names other lifts than the plan",
    "contract_missing": "there is no contract",
    "contract_number_used": "the contract's number is of another case",
    "rectification_request_closed": "the request to correct was answered",
    "cover_ended": "the planned cover is over",
    "cover_not_begun": "the first covered day has not come",
    "cover_not_over": "the last covered day has not passed",
    "end_photo_missing": "a photo of the notice at its end is missing",
    "entry_differs": "the same booking was made with other figures",
    "evidence_missing": "the step needs a document or statement",
    "holds_office": "whoever holds a right hands it over before leaving",
    "idempotency_key_reused": "the key belongs to another request",
    "insurer_not_selected": "the city's selection of the insurer does not cover today",
    "invoice_amount_differs": "the invoice says another amount than the contract",
    "invoice_insurer_differs": "the invoice is of another insurer than the contract",
    "invoice_missing": "there is no invoice",
    "invoice_not_possible": "the case is not where invoices are handed in",
    "invoice_reused": "the invoice's number was used",
    "lift_already_covered": "another purchase covers the lift in this period",
    "lift_code_missing": "the lift has no valid code",
    "form_reused": "the signed form was handed in elsewhere, or shows a notice",
    "lift_in_open_case": "another application for the lift is worked on",
    "lift_failed_survey": "a lift failed its survey",
    "lift_outside_circle": "the lift serves no unit of the circle of the case",
    "lift_not_surveyed": "a lift was not surveyed",
    "mandate_expired": "the property company has no valid mandate",
    "name_differs": "the person uses another name than before",
    "name_not_on_roster": "the roster does not have this name",
    "name_of_several": "two on the roster have this name, and no proved phone says who is meant",
    "no_failed_survey": "no lift failed its survey",
    "no_pending_hold": "nothing is held for this purchase",
    "no_successor": "no other policy goes on",
    "no_verified_objection": "no objection is known to be an affected owner's",
    "not_managed": "no property company manages the estate",
    "not_open_for_cosigning": "the application is not open for signatures",
    "nothing_to_print": "the estate has nothing that could be printed",
    "notice_already_drafted": "the case has a notice",
    "notice_not_drafted": "the case has no notice",
    "notice_not_possible": "the case is not where a notice is drafted",
    "notice_not_running": "the notice was replaced, or its case is closed",
    "notice_still_open": "the notice is not over",
    "objection_already_filed": "the owner has objected to this notice",
    "objection_answered": "the answer is published and stands",
    "objection_open": "an objection is not settled",
    "objection_channel_closed": "the city takes no objections this way, on paper or on the phone",
    "objection_closed": "the objection was settled",
    "officer_is_party": "a party to the case is no officer of it",
    "order_open": "another print order of this person is worked on",
    "payment_in_progress": "a payment of this case is under way",
    "phone_taken": "another person has proved to have this phone",
    "phone_verified_stays": "a typed phone does not replace a proved one",
    "photo_is_a_double": "the photo was shown elsewhere",
    "photo_not_possible": "the notice takes no photos of this moment now",
    "plan_changed": "the plan was revised",
    "plan_unchanged": "the revised plan says the same",
    "policy_number_used": "the policy's number is of another case",
    "poster_code_unreadable": "the code cannot be read back from the poster",
    "poster_not_possible": "the notice is over and is not posted any more",
    "poster_of_other_place": "the poster or its code is of another unit or notice",
    "poster_too_long": "the text does not fit on the paper",
    "premium_above_available": "the premium is more than the account can spend",
    "premium_above_hold": "the premium is more than was held",
    "premium_already_held": "the premium is held",
    "publication_decided": "the words were refused, which stays so",
    "publication_not_asked": "the author does not want the words published",
    "notice_photo_missing": "the payment file lacks a photo of the notice",
    "refund_out_of_range": "a refund of nothing, or of more than was paid",
    "refusal_not_reached": "not more than half of those in office refused",
    "request_in_progress": "the same request is still running",
    "same_officer": "clerk, reviewer and cashier are different people",
    "start_photo_missing": "a photo of the notice at its start is missing",
    "step_not_possible": "the case is not where this step begins",
    "survey_not_open": "the case is not where lifts are surveyed",
    "too_few_cosigners": "fewer owners signed than the city asks for",
    "too_many_verifications": "more verifications of this person wait than may",
    "too_many_rectification_requests": "more requests to correct of this person wait than may",
    "version_conflict": "the case moved on since the person looked at it",
}

FORBIDDEN = {
    "grant_to_self": "nobody gives rights to themselves",
    "not_a_member": "only members of the committee in office answer",
    "not_an_affected_owner": "only verified owners in the covered area may",
    "not_the_applicant": "only who applied may",
    "own_verification": "nobody decides on the own verification",
    "own_rectification_request": "nobody answers the own request to correct",
    "role_required": "another role does this",
    "recused": "who declared an interest does not take part",
}

MISSING = {
    "city_unknown": "there is no such city",
    "not_found": "nothing there, or nothing that this person may know of",
    "order_not_done": "the posters are not all printed",
    "person_unknown": "nobody signed in with this identity",
    "place_unknown": "there is no such flat, or no committee in office or to come",
}

UNAUTHENTICATED = {
    "login_code_invalid": "the platform does not know this login code, or no longer",
    "login_required": "a session is needed",
    "session_invalid": "the session is unknown or has ended",
}

TOO_MANY = {
    "phone_tries_used_up": "more phone codes within an hour than the city pays for",
    "too_many_guesses": "too many lift codes that led nowhere",
    "uploads_used_up": "more files on one day than a person may hand in",
}

OTHERS: Mapping[Kind, Mapping[str, str]] = {
    "too_large": {
        "too_large": "the body is too large",
        "upload_too_large": "the file is too large",
    },
    "unavailable": {
        "busy": "the database is away, the house overloaded or a disk full; try again",
        "platform_unavailable": "the platform is away; try again",
    },
}

# Answers of the web server itself, by HTTP status.
BY_STATUS = {
    "malformed_request": (400, "JSON or form that cannot be read"),
    "method_not_allowed": (405, "the address does not take this method"),
    "unsupported_media_type": (415, "a body of another type than documented"),
    "refused": (400, "a request that the web server refuses"),
    "internal_error": (500, "a fault of the house; it is logged"),
}

BY_KIND: Mapping[Kind, Mapping[str, str]] = {
    "invalid": INVALID,
    "conflict": CONFLICT,
    "forbidden": FORBIDDEN,
    "missing": MISSING,
    "unauthenticated": UNAUTHENTICATED,
    "too_many": TOO_MANY,
    **OTHERS,
}

# Judged together with the other conditions of a step these are one conflict among several; the
# others, found by themselves, are the input's fault.
IN_A_STEP_TOO = frozenset(
    {"amount_not_positive", "cover_begins_in_past", "not_the_applicant", "plan_lifts_differ"}
    | {"text_characters_invalid", "text_required", "text_too_long"}
)

CODES: frozenset[str] = frozenset(code for codes in BY_KIND.values() for code in codes) | frozenset(
    BY_STATUS
)
