"""A page that is one form about something else than a case: what it asks for, what follows, done
once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response

from backend.desk import asking, shown
from backend.desk.forms import NOTHING, Field, Given, Known
from backend.desk.pages import page
from backend.domain.errors import Refusal
from backend.services.base.context import Context


@dataclass(frozen=True)
class OneForm:
    """Its title, what it is about, the pages that lead to it (address and words), its fields with
    what is known, what follows; `verb` on its button, where that is not its title."""

    title: str
    path: Sequence[tuple[str, str]]
    fields: Sequence[Field]
    follows: str
    about: str = ""
    known: Known = NOTHING
    verb: str = ""

    def begun(self) -> Response:
        """The form before it is sent."""
        return self._page(shown.begun(self.fields, self.known), 200)

    def done(self, write: Callable[[Context, Given], object]) -> Response | None:
        """Do what it says, once; None where it was done, else the form with what was wrong."""

        def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
            return self._page(shown.Form(self.fields, self.known, typed, refusals), status)

        return asking.done(self.fields, write, again)

    def _page(self, form: shown.Form, status: int) -> Response:
        return page(
            "form.html",
            status,
            title=self.title,
            about=self.about,
            path=self.path,
            follows=self.follows,
            verb=self.verb,
            form=form,
        )
