"""Refusals: what a rule says when it says no.

A refusal is for a person. It carries a stable code for programs, a Chinese sentence that says what
to do, and the field at fault. Rules may find several things wrong at once, so `Refused` carries a
tuple of them.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "invalid",
    "conflict",
    "forbidden",
    "missing",
    "too_large",
    "unauthenticated",
    "too_many",
    "unavailable",
]


@dataclass(frozen=True)
class Refusal:
    """One reason why something cannot be done.

    `code` is stable snake_case, listed in `domain.refusals`; `message` is Chinese and says what to
    do; `field` names the input at fault in the API's own words, or is None when the whole request
    is.
    """

    code: str
    message: str
    field: str | None = None


class Refused(Exception):
    """A rule said no. Nothing was written.

    `kind` tells the edges how to answer: `invalid` (the input), `conflict` (the state of the case),
    `forbidden` (the person), `missing` (nothing there, or nothing this person may know of),
    `too_large`, `unauthenticated`, `too_many` (attempts), `unavailable` (try again later).
    """

    def __init__(self, *refusals: Refusal, kind: Kind = "invalid") -> None:
        super().__init__("; ".join(f"{r.code}: {r.message}" for r in refusals))
        self.refusals = refusals
        self.kind = kind


def refuse(code: str, message: str, field: str | None = None, kind: Kind = "invalid") -> Refused:
    """One refusal, ready to raise."""
    return Refused(Refusal(code, message, field), kind=kind)
