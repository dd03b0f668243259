"""What every list of the desk has: an address that says all of it, pages, and a workbook."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from flask import Response, request

from backend.domain.local_time import local_date
from backend.domain.wording import minute
from backend.http.parts import context
from backend.services.workbooks.lists import XLSX, ListSheet, Value, list_workbook

MOST_LETTERS = 50


def page_number() -> int:
    """The page that the address asks for; the first where it makes no sense."""
    number = request.args.get("page", "1")
    return int(number) if re.fullmatch("[0-9]{1,4}", number) else 1


def words(name: str = "words") -> str:
    """What somebody typed to find."""
    return request.args.get(name, "").strip()[:MOST_LETTERS]


def same_list(**changes: object) -> str:
    """The address of this list with something else about it, such as another page."""
    left = [(name, value) for name, value in request.args.items(True) if name not in changes]
    left += [(name, str(value)) for name, value in changes.items()]
    return f"?{urlencode(left)}"


def workbook(
    name: str, headings: Sequence[str], rows: Sequence[Sequence[Value]], active: Sequence[str] = ()
) -> Response:
    """A list as a workbook, which says on a second sheet what it holds and when it was made."""
    now = context().clock()
    about = [
        f"{context().city.name} {name}，共{len(rows)}行",
        f"条件：{'、'.join(active) or '全部'}",
        f"导出时间：{minute(now)}",
    ]
    content = list_workbook(ListSheet(name, headings, rows, about))
    response = Response(content, mimetype=XLSX)
    file = quote(f"{name}-{local_date(now):%Y%m%d}.xlsx")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file}"
    return response
