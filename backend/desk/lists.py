"""What every list of the desk has: an address that says all of it, pages, and a workbook."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from flask import Response, request

from backend.domain.local_time import local_date
from backend.http.parts import context
from backend.services.lists import desk_list
from backend.services.lists.desk_list import Address
from backend.services.workbooks.lists import XLSX, ListSheet, Value, list_workbook


def page_number() -> int:
    """The page that the address asks for; the first where it makes no sense."""
    number = request.args.get("page", "1")
    return int(number) if re.fullmatch("[0-9]{1,4}", number) else 1


def address() -> Address:
    """The address of this list as its parts."""
    return request.args.to_dict(flat=False)


def words(name: str = "words") -> str:
    """What somebody typed to find."""
    return desk_list.words(address(), name)


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
    about = desk_list.about_list(context(), name, active, len(rows))
    content = list_workbook(ListSheet(name, headings, rows, about))
    response = Response(content, mimetype=XLSX)
    file = quote(f"{name}-{local_date(now):%Y%m%d}.xlsx")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file}"
    return response
