"""Refusals about getting in: desk accounts, codes and authenticators; part of `domain.refusals`."""

INVALID = {
    "desk_account_wrong": "number, passphrase or code, and digits do not belong together",
    "passphrase_not_noted": "the last letters of the passphrase are others",
    "second_factor_used": "a code of the authenticator that was taken before",
    "second_factor_wrong": "no code of the authenticator of about now",
}
CONFLICT = {
    "desk_number_wrong": "another number stands on the PC's screen; the code is void now",
    "second_factor_by_invitation": "who has no WeChat is invited anew instead",
    "second_factor_enrolled": "the person has an authenticator; another comes after a reset",
    "second_factor_missing": "the person has no authenticator yet; it is enrolled at the desk",
}
FORBIDDEN = {
    "desk_account_of_self": "nobody invites themselves anew, or confirms their own invitation",
    "desk_not_entitled": "the desk is for those who hold a granted role",
    "second_factor_needed": "prove the authenticator again first, by `POST /me/second-factor`",
    "second_factor_of_self": "nobody resets the own authenticator",
}
