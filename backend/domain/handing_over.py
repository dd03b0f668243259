"""Handing over the cases of somebody who leaves (移交): who may take which one, or why not. Pure.

The separation of duties is that of `domain.purchase.separation`: what is named here beforehand is
what the step would refuse later.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from backend.domain.facts import ActorFact
from backend.domain.purchase import separation
from backend.domain.roles import ROLE_NAMES, Role


@dataclass(frozen=True)
class Candidate:
    """Somebody who might take on a case: whether they hold the right, are kept out (停用), and what
    they are to this case."""

    holds: bool
    kept_out: bool
    fact: ActorFact


def obstacles(role: Role, candidate: Candidate, different: Collection[str]) -> Sequence[str]:
    """Why this person may not take the case on in this role, all reasons, in words; none where they
    may. `different` are the roles that different people must have (`CityProfile`)."""
    found = separation(candidate.fact, role, different)
    why = [] if candidate.holds else [f"没有{ROLE_NAMES[role]}的授权"]
    why += ["已停用"] if candidate.kept_out else []
    why += ["与本案有利害关系"] if found.is_party else []
    return why + [f"在本案中已办过{ROLE_NAMES[other]}" for other in found.parts]


def version_of(moving: Collection[UUID], staying: Collection[UUID]) -> str:
    """What a preview showed, as one word: a confirmation of another one moves nothing."""
    parts = (",".join(sorted(map(str, cases))) for cases in (moving, staying))
    return sha256("/".join(parts).encode()).hexdigest()


def heirs(
    role: Role, candidates: Mapping[UUID, Candidate], different: Collection[str]
) -> Sequence[UUID]:
    """Those of the candidates who may take the case on."""
    return [
        person_id
        for person_id, candidate in candidates.items()
        if not obstacles(role, candidate, different)
    ]
