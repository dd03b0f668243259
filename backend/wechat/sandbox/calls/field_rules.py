"""What the fields of a message may hold and a tap on it may open, as the platform checks it."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from backend.wechat.sandbox.calls.answering import Errcode
from backend.wechat.templates import Template

TIME = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
DAY = r"\d{4}年(1[0-2]|0?[1-9])月(3[01]|[12]\d|0?[1-9])日"
MOMENT = rf"({TIME}|{DAY}( {TIME})?)"

# By kind; the keyword is the kind and a number. `.` takes no line break.
RULES: Mapping[str, re.Pattern[str]] = {
    "thing": re.compile(r".{1,20}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "character_string": re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,30}[\x21-\x7e])?"),
    "number": re.compile(r"-?\d{1,31}(\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "time": re.compile(rf"{MOMENT}(~{MOMENT})?"),
    "date": re.compile(rf"{DAY}( {TIME})?(~{DAY}( {TIME})?)?"),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?"),
    "phone_number": re.compile(r"[\d+\- ]{1,17}"),
    "car_number": re.compile(r"[\u4e00-\u9fff]?[A-Z0-9]{1,6}[A-Z0-9\u4e00-\u9fff]"),
    "name": re.compile(r"[\u4e00-\u9fff·]{1,10}|[A-Za-z .]{1,20}"),
}
LONGEST = {"number": 32, "amount": 13}

PAGE = re.compile(r"[A-Za-z0-9_\-]+(/[A-Za-z0-9_\-]+)*")
APP = Path(__file__).resolve().parents[4] / "miniprogram_stub" / "app.json"


def is_page(path: object) -> bool:
    """Whether the published mini-program has this page; what comes after `?` is the page's own."""
    if not isinstance(path, str):
        return False
    page = path.partition("?")[0]
    return PAGE.fullmatch(page) is not None and page in _published()


@cache
def _published() -> frozenset[str]:
    return frozenset(json.loads(APP.read_text(encoding="utf-8"))["pages"])


def fits(keyword: str, value: object) -> bool:
    """Whether a subscribe message takes this value under this keyword (`thing1`)."""
    kind = re.sub(r"\d+$", "", keyword)
    return (
        isinstance(value, str)
        and value.isprintable()
        and bool(value.strip())
        and len(value) <= LONGEST.get(kind, 100)
        and RULES[kind].fullmatch(value) is not None
    )


def values_of(
    template: Template, data: object, takes: Callable[[str, object], bool]
) -> dict[str, str]:
    """The values by label. Raises 47003, which names the field that breaks its rule (`takes`)."""
    if not isinstance(data, dict):
        raise Errcode(47001)
    keywords = {field.keyword for field in template.fields}
    for keyword in data.keys() - keywords:
        raise Errcode(47003, f"data.{keyword} is unknown")
    shown = {}
    for field in template.fields:
        entry = data.get(field.keyword)
        value = entry.get("value") if isinstance(entry, dict) else None
        if not takes(field.keyword, value):
            raise Errcode(47003, f"data.{field.keyword}.value invalid")
        shown[field.label] = str(value)
    return shown
