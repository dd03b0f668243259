"""Refusals about votes of the owners; part of `domain.refusals`."""

INVALID: dict[str, str] = {}
CONFLICT = {
    "ballot_cast_here": "the owner voted on the phone, which stands before the paper",
    "ballot_repeated": "one owner's ballot for one flat stands on the paper twice",
    "ballot_too_late": "a ballot on paper that came after the end of the vote",
    "ballots_cast": "a vote in which somebody has voted is not taken back",
    "count_not_open": "the case is not where ballots are counted",
    "flat_not_on_roll": "the flat is not on the roll of the vote",
    "flats_without_owner": "flats of the circle have no owner on the roster",
    "later_ballot_counted": "a paper that the owner handed in later counts already",
    "papers_not_compared": "papers with ballots wait for another clerk",
    "proxy_for_too_many": "a proxy casts for more owners than the city allows",
    "proxy_is_owner": "an owner is named as the proxy of their own flat",
    "proxy_not_on_roll": "a proxy who owns no flat on the roll",
    "roll_empty": "no flat of the circle is registered",
    "vote_carried": "the ballots come to a majority",
    "vote_closed": "the vote is over, or its count",
    "vote_not_carried": "the ballots come to no majority",
    "vote_not_counted": "nobody said yet that all ballots are in",
    "vote_still_open": "the last day of the vote is not over",
}
FORBIDDEN = {
    "not_on_roll": "whoever owns no flat on the roll has no vote",
}
