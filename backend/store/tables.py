"""Every record in one place, so that `Base.metadata` is complete wherever this is imported."""

from backend.store import (
    audit,
    city,
    clauses,
    desk,
    ledger,
    messages,
    notices,
    people,
    posters,
    proposals,
    purchases,
    registry,
    rulings,
    signatures,
)
from backend.store.base import Base

__all__ = [
    "Base",
    "audit",
    "city",
    "clauses",
    "desk",
    "ledger",
    "messages",
    "notices",
    "people",
    "posters",
    "proposals",
    "purchases",
    "registry",
    "rulings",
    "signatures",
]
