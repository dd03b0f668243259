"""Boxes beside the rows of a table: each is a field of its own, so that all of them come back."""

from collections.abc import Collection, Sequence

from flask import request

from backend.desk import drafts
from backend.desk.values import YES


def ticked(start: str) -> Sequence[str]:
    """What follows this start in the names of the boxes that this form brought ticked."""
    return [
        name.removeprefix(start)
        for name, text in request.form.items()
        if name.startswith(start) and text == YES
    ]


def chosen(start: str) -> Collection[str] | None:
    """The boxes that somebody chose on this page: in this form, else before their session ended;
    None where nobody did, and the page has its own proposal."""
    found = ticked(start)
    if not found and request.method == "GET":
        found = drafts.boxes(start)
    return set(found) or None
