"""What was typed is not lost when a session ends: kept for its author, and shown to nobody else."""

import re
from collections.abc import Iterable, Sequence

from flask import g, request

from backend.desk import gate
from backend.desk.addresses import form_page
from backend.http.parts import context
from backend.services.people import desk_drafts
from backend.services.people.desk_drafts import Draft

# What a form says beside what somebody typed; and what they look for, which may be a phone (0094).
NOT_TYPED = frozenset({gate.FORM_WORD, "key", "version", "next", "digits", "secret", "noted", "q"})
FRESH = "fresh"
KEPT = "kept"  # in the address of a page whose form was kept
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def keep() -> bool:
    """Keep what this form brought, for the person whom it was made for; whether there was anything
    and it is kept. Files are not."""
    author, words = gate.author(), dict(_typed())
    if author is None or not any(words.values()):
        return False
    return desk_drafts.keep(context(), author, _address(), words)


def written() -> Sequence[str]:
    """What the person here wrote in the form of this request, in words: for a page that cannot show
    the form again. Numbers, dates and choices are on their papers."""
    author, someone = gate.author(), gate.someone()
    if author is None or someone is None or author.person_id != someone.person_id:
        return ()
    return _in_words(value for _, value in _typed())


def waits_at(page: str) -> str:
    """The address of a page for which something was kept, also of one that began anew."""
    path, _, query = page.partition("?")
    others = [each for each in query.split("&") if each.partition("=")[0] not in ("", FRESH, KEPT)]
    return f"{path}?{'&'.join([*others, f'{KEPT}=1'])}"


def left_over() -> Sequence[str]:
    """What waits for this page, in words, where no form of it shows what was kept."""
    if KEPT not in request.args or g.get(KEPT) or request.method != "GET":
        return ()
    return _in_words(waiting().words.values())


def _in_words(values: Iterable[str]) -> Sequence[str]:
    return [value for value in values if CHINESE.search(value)]


def _typed() -> Sequence[tuple[str, str]]:
    """Each value by its field, from the top of the form; a field may come more than once."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NOT_TYPED and value.strip()
    ]


def here() -> Draft:
    """What this person typed on this page before, unless they want to begin anew; whoever asks
    shows it in the form."""
    setattr(g, KEPT, True)
    return waiting()


def waiting() -> Draft:
    """The same, for a page whose form shows a part of it."""
    if request.args.get(FRESH):
        return Draft()
    page = request.path if request.method == "GET" else _address()
    return desk_drafts.draft_at(context(), gate.me(), page)


def drop() -> None:
    """It was done: nothing is left of it."""
    desk_drafts.drop(context(), gate.me(), _address())


def _address() -> str:
    return form_page().partition("?")[0]
