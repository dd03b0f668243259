"""A form as a page shows it: what stands in it, and what is wrong with it, each at its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from backend.desk import drafts, once, pasting
from backend.desk.forms import MOST_ROWS, PASTE, Field, Known, Row
from backend.desk.values import Kind
from backend.domain.errors import Refusal

EMPTY_ROWS = 4


@dataclass(frozen=True)
class Form:
    """The fields of a form and what stands in them, by name; `news` is what happened meanwhile,
    `restored` whether it was typed before a session ended."""

    fields: Sequence[Field]
    known: Known
    typed: Mapping[str, str]
    refusals: Sequence[Refusal] = ()
    news: str = ""
    restored: bool = False

    @cached_property
    def key(self) -> str:
        """What makes it have one effect."""
        return once.key_of(self.refusals, filled=bool(self.news))

    @cached_property
    def tables(self) -> Mapping[str, Sequence[Row]]:
        """The rows of its tables: those that are known, else those in which something was typed
        and some more."""
        return {each.name: self._rows(each) for each in self.fields if each.kind is Kind.TABLE}

    @cached_property
    def wrong(self) -> Mapping[str, Refusal]:
        """What is wrong, by the name of the field."""
        found: dict[str, Refusal] = {}
        for refusal in self.refusals:
            if refusal.field and self.at_field(refusal):
                found.setdefault(refusal.field, refusal)
        return found

    def at_field(self, refusal: Refusal) -> bool:
        """Whether it is about something in this form."""
        return self._field_of(refusal.field or "") is not None

    def words(self, refusal: Refusal) -> str:
        """What was refused, with the row of the table that it is about."""
        name, number = _row_of(refusal.field or "")
        if number is None:
            return refusal.message
        rows = self.known.rows.get(name, ())
        words = f"（{rows[number].words}）" if number < len(rows) else ""
        return f"第{number + 1}行{words}：{refusal.message}"

    def label(self, name: str) -> str:
        """What the field of this name is called."""
        field = self._field_of(name)
        _, number = _row_of(name)
        row = "" if number is None else f" 第{number + 1}行"
        return f"{field.label}{row}" if field else name

    def _field_of(self, name: str) -> Field | None:
        first = name.partition(".")[0]
        return next((each for each in self.fields if each.name == first), None)

    def _rows(self, table: Field) -> Sequence[Row]:
        if table.key:
            return self.known.rows.get(table.name, ())
        start = f"{table.name}."
        typed = [name.split(".")[1] for name in self.typed if name.startswith(start)]
        last = max((int(number) for number in typed if number != PASTE), default=-1)
        return [Row("", "")] * min(last + 1 + EMPTY_ROWS, MOST_ROWS)


def begun(fields: Sequence[Field], known: Known) -> Form:
    """The form before it is sent: with what is known, and with what its author typed before the
    session ended. What it is about is always what it is about now."""
    of_now = {each.name for each in fields if each.kind is Kind.HIDDEN}
    own = {name: text for name, text in drafts.here().words.items() if name not in of_now}
    if not own:
        return Form(fields, known, known.values)
    boxes = tuple(f"{each.name}." for each in fields if each.kind is Kind.SEVERAL)
    values = {name: text for name, text in known.values.items() if not name.startswith(boxes)}
    return Form(fields, known, {**values, **own}, restored=True)


def filled(fields: Sequence[Field], known: Known, typed: Mapping[str, str]) -> Form:
    """The form with what was pasted in the rows of its tables."""
    found, left = pasting.fill(fields, known, typed)
    rest = f"有{left}行没有对上电梯或放不下，还在下面，请改好再填。" if left else ""
    return Form(fields, known, found, news=f"已填入表格，还没有提交。请核对后再提交。{rest}")


def _row_of(name: str) -> tuple[str, int | None]:
    table, _, rest = name.partition(".")
    number = rest.partition(".")[0]
    return table, int(number) if number.isdecimal() else None
