"""Every record in one place, so that `Base.metadata` is complete wherever this is imported."""

from backend.store import (
    audit,
    batches,
    city,
    clauses,
    desk,
    imports,
    ledger,
    messages,
    notices,
    ordered,
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
    "batches",
    "city",
    "clauses",
    "desk",
    "imports",
    "ledger",
    "messages",
    "notices",
    "ordered",
    "people",
    "posters",
    "proposals",
    "purchases",
    "registry",
    "rulings",
    "signatures",
]
