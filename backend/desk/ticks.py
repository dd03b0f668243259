"""Boxes beside the rows of a table: each is a field of its own, so that all of them come back."""

from collections.abc import Collection, Mapping, Sequence

from flask import request

from backend.desk import drafts
from backend.desk.values import YES

AMONG = "among"  # says with which name the boxes of a form start, of which none may be left ticked


def ticked(start: str) -> Sequence[str]:
    """What follows this start in the names of the boxes that this form brought ticked."""
    return _ticked(request.form, start)


def chosen(start: str) -> Collection[str] | None:
    """The boxes that somebody chose on this page, and it may be none: in this form, else before
    their session ended; None where nobody did, and the page has its own proposal."""
    for words in (request.form, drafts.waiting().words):
        if words.get(AMONG) == start:
            return set(_ticked(words, start))
    return None


def _ticked(words: Mapping[str, str], start: str) -> Sequence[str]:
    return [
        name.removeprefix(start)
        for name, text in words.items()
        if name.startswith(start) and text == YES
    ]
