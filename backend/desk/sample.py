"""/desk/parts: every part of a page in every state, as whoever makes pages finds them.

The design system, and what is looked at in all sizes for contrasts, widths and names. It shows
nothing of the city, and in production there is no such page.
"""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response

from backend.desk import gate
from backend.desk.forms import Field, Known, Row
from backend.desk.pages import page
from backend.desk.shown import Form
from backend.desk.values import YES, Kind
from backend.domain.errors import Refusal
from backend.http.parts import parts
from backend.services.base.access import nothing_there

routes = Blueprint("sample", __name__, url_prefix=f"{gate.PREFIX}/parts")
HINT = "提示：写清楚什么。"
TWO = (("one", "一个选项"), ("two", "另一个选项"))
CELLS = (Field("how", "怎样", Kind.CHOICE, choices=TWO), Field("much", "多少", Kind.YUAN))
ROWS = (Row("1", "1栋 1单元 1号梯", "31104331002024000001"), Row("2", "1栋 2单元 1号梯"))
STATES = ("empty", "filled", "wrong")
TYPED: Mapping[Kind, str] = {
    Kind.DAY: "2025-04-01",
    Kind.MOMENT: "2025-04-01T09:30",
    Kind.YUAN: "1300.00",
    Kind.YES: YES,
    Kind.CHOICE: "one",
    Kind.ID: "one",
}


@routes.get("")
def every_part() -> Response:
    """All of them on one page."""
    if not parts().sandbox:
        raise nothing_there("页面")
    return page("parts.html", forms=[_form(state) for state in STATES])


def _form(state: str) -> Form:
    """A field of every kind, in this state."""
    fields = [_field(state, kind) for kind in Kind]
    rows = {each.name: ROWS for each in fields if each.kind is Kind.TABLE}
    typed = {} if state == "empty" else dict(_typed(fields))
    return Form(fields, Known(rows=rows), typed, _wrong(fields) if state == "wrong" else ())


def _field(state: str, kind: Kind) -> Field:
    columns = CELLS if kind is Kind.TABLE else ()
    key = "id" if kind is Kind.TABLE else ""
    label = f"一栏（{kind}）"
    return Field(f"{state}-{kind}", label, kind, HINT, choices=TWO, columns=columns, key=key)


def _typed(fields: Sequence[Field]) -> Sequence[tuple[str, str]]:
    plain = [(each.name, TYPED.get(each.kind, "写好的")) for each in fields]
    boxes = [(f"{each.name}.one", YES) for each in fields if each.kind is Kind.SEVERAL]
    cells = [(f"{each.name}.0.much", "1300.00") for each in fields if each.kind is Kind.TABLE]
    return [*plain, *boxes, *cells]


def _wrong(fields: Sequence[Field]) -> Sequence[Refusal]:
    at_fields = [Refusal("field_missing", f"请填写“{each.label}”。", each.name) for each in fields]
    cells = [
        Refusal("field_missing", "请填写“多少”。", f"{each.name}.1.much")
        for each in fields
        if each.kind is Kind.TABLE
    ]
    return [*at_fields, *cells]
