"""What the service says, with names and lists as long as they get."""

import json
import re
from typing import Any

from playwright.sync_api import Route

ESTATE = ("乾州新区金鸡岭棚户区改造安置住宅小区" * 3)[:38]
LIFT = r"北侧消防兼无障碍担架电梯（\1号）"
INSURER = "中国人民财产保险股份有限公司湘西土家族苗族自治州分公司"
LISTS = ("lifts", "objections")
MANY = 20
IDS = ("id", "registration_code", "number")


def stretched(route: Route) -> None:
    """Answer in the service's words, longer: for `page.route`."""
    answer = route.fetch()
    if "json" not in answer.headers.get("content-type", ""):
        route.fulfill(response=answer)
        return
    words = answer.text().replace("示例花园（虚构）", ESTATE)
    words = words.replace("示例财产保险股份有限公司（虚构）", INSURER)
    words = re.sub(r"(\d)号梯", LIFT, words)
    route.fulfill(response=answer, body=json.dumps(with_many(json.loads(words))))


def with_many(told: Any) -> Any:
    """The same with 20 entries wherever there are some lifts or objections."""
    if isinstance(told, dict):
        return {key: many_of(key, with_many(value)) for key, value in told.items()}
    return [with_many(value) for value in told] if isinstance(told, list) else told


def many_of(key: str, value: Any) -> Any:
    if (
        key not in LISTS
        or not isinstance(value, list)
        or not isinstance(next(iter(value), 0), dict)
    ):
        return value
    return [
        entry
        | {
            name: f"{str(entry[name])[:-2]}{at:02}"
            for name in IDS
            if name in entry and at >= len(value)
        }
        for at in range(MANY)
        for entry in [value[at % len(value)]]
    ]
