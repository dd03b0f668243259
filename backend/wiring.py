"""The composition root: every kind of subject, and what all programs share."""

from backend.config import Settings
from backend.domain.subject import PURCHASE
from backend.runtime import Runtime, join
from backend.services.case.purchase_kind import PurchaseKind

# What can have time limits; a new kind of subject is one more line.
KINDS = {PURCHASE: PurchaseKind()}


def build(settings: Settings) -> Runtime:
    """Join the parts as configured. Opens no connection yet.

    Raises FileNotFoundError for a city without a file and BadCity for one with a wrong key.
    """
    return join(settings, KINDS)
