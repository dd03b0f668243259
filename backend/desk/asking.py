"""A form beside the cases: what is asked, done once, and what was wrong told beside it."""

from collections.abc import Callable, Mapping, Sequence

from flask import Response

from backend.desk import forms, gate, once
from backend.desk.forms import Field, Given
from backend.desk.pages import leads_elsewhere
from backend.domain.errors import Refusal, Refused
from backend.http.envelope import STATUS_OF_KIND
from backend.services.base.context import Context

# A form again: what was typed, what was refused, and the status of the answer.
Shown = Callable[[Mapping[str, str], Sequence[Refusal], int], Response]


def done(
    fields: Sequence[Field], write: Callable[[Context, Given], object], shown: Shown
) -> Response | None:
    """Do what the form says, once; None where it was done, else the form with what was wrong."""
    gate.check_form()
    try:
        given = forms.read(fields)
        once.do_once(fields, lambda part, papers: write(part, {**given, **papers}))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return shown(forms.typed(fields), refused.refusals, STATUS_OF_KIND[refused.kind])
    return None
