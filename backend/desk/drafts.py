"""What was typed is not lost when a session ends: kept for its author, and shown to nobody else."""

from flask import request

from backend.desk import gate
from backend.desk.addresses import form_page
from backend.http.parts import context
from backend.services.people import desk_drafts
from backend.services.people.desk_drafts import Draft

# What a form says beside what somebody typed.
NOT_TYPED = frozenset({gate.FORM_WORD, "key", "version", "next", "digits", "secret", "noted"})
FRESH = "fresh"


def keep() -> bool:
    """Keep what this form brought, for the person whom it was made for; whether there was anything
    and it is kept. Files are not."""
    author = gate.author()
    words = {
        name: value
        for name, value in request.form.items()
        if name not in NOT_TYPED and value.strip()
    }
    if author is None or not any(words.values()):
        return False
    return desk_drafts.keep(context(), author, _address(), words)


def here() -> Draft:
    """What this person typed on this page before, unless they want to begin anew."""
    if request.args.get(FRESH):
        return Draft()
    return desk_drafts.draft_at(context(), gate.me(), request.path)


def drop() -> None:
    """It was done: nothing is left of it."""
    desk_drafts.drop(context(), gate.me(), _address())


def _address() -> str:
    return form_page().partition("?")[0]
