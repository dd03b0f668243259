"""城市参数: what the house goes by here, each with its source; nothing is changed on this page."""

from collections import Counter
from itertools import groupby

from flask import Blueprint, Response, request

from backend.desk import gate, lists
from backend.desk.pages import page
from backend.domain.city.named import NamedValue
from backend.domain.wording import plain_day
from backend.http.parts import context
from backend.pictures.document import files_of
from backend.pictures.typesetting import FONT_FILES
from backend.services.reads.city_values import read_city
from backend.services.workbooks.templates import SHEETS

routes = Blueprint("city", __name__, url_prefix=f"{gate.PREFIX}/city")
KINDS = {"plan": "方案或法律写明", "default": "本平台默认", "borrowed": "参照外市"}
HEADINGS = ("类别", "参数", "值", "来源", "用在哪里", "文件里的名称")


@routes.get("")
def city() -> Response:
    """Every value, or those of one kind of source, or with these words."""
    view = read_city(context(), gate.me())
    kind, words = request.args.get("source", ""), lists.words()
    chosen = [each for each in view.values if _asked(each, kind, words)]
    return page(
        "city.html",
        view=view,
        groups=[(name, list(some)) for name, some in groupby(chosen, lambda each: each.group)],
        found=len(chosen),
        counts=Counter(each.kind for each in view.values),
        kinds=KINDS,
        kind=kind,
        words=words,
        plain_day=plain_day,
        fonts=[file.rpartition("/")[2] for file in FONT_FILES],
        own_fonts=files_of(context().document_fonts),
        workbooks={kind: [sheet.name for sheet in sheets] for kind, sheets in SHEETS.items()},
    )


@routes.get("/workbook")
def export() -> Response:
    """All of them as a workbook."""
    view = read_city(context(), gate.me())
    rows = [
        (each.group, each.name, each.value, each.source, each.used, each.key)
        for each in view.values
    ]
    return lists.workbook("城市参数", HEADINGS, rows)


def _asked(each: NamedValue, kind: str, words: str) -> bool:
    return kind in ("", each.kind) and words in f"{each.group}{each.name}{each.value}{each.key}"
