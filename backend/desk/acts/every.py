"""Every action that has a form at the desk. Whether a step may be taken, what is in the way and
what follows is asked of the table (`services/reads/offers.py`)."""

from collections.abc import Mapping

from backend.desk.acts.act import Act
from backend.desk.acts.applicants import APPLICANTS
from backend.desk.acts.centre import CENTRE
from backend.desk.acts.counter import COUNTER
from backend.desk.acts.districts import DISTRICTS
from backend.desk.acts.insurers import INSURERS
from backend.desk.acts.special_accounts import SPECIAL_ACCOUNTS
from backend.desk.acts.votes import VOTES
from backend.domain.actions import Action

ACTS: Mapping[str, Act] = {
    **APPLICANTS,
    **INSURERS,
    **CENTRE,
    **COUNTER,
    **DISTRICTS,
    **SPECIAL_ACCOUNTS,
    **VOTES,
}

# What has a page of its own: its endpoint, which takes the case.
PAGES: Mapping[str, str] = {
    Action.PHOTOGRAPH: "photos.photos",
    Action.POST_NOTICE: "photos.photos",
}

# Before these, whoever takes them compares the account that is paid with the sealed contract.
COMPARES_PAYEE = frozenset({Action.REVIEW_PAYMENT, Action.ORDER_PAYMENT, Action.RETURN_PAPERS})
