"""Reads and checks a city file: everything that is wrong with it, told at once."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from backend.domain.city.bad_city import BadCity
from backend.domain.city.schema import CityProfile, LocalHolidayRules, Route
from backend.domain.routes.catalogue import known_limits, offered, table_of, unsupported
from backend.domain.typed_table import Sourced, read_table
from backend.domain.voting import threshold_problems


def parse_city(text: str) -> CityProfile:
    """Read and check a whole city file (TOML). Raises BadCity with everything that is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadCity([f"文件不是有效的 TOML：{error}"]) from None
    return parse_table(raw, text)


def parse_table(raw: Mapping[str, Any], text: str) -> CityProfile:
    """Read and check the table of a city file whose `text` is this. Raises BadCity."""
    problems = [f"{key}：没有这个键" for key in ("version", "text") if key in raw]
    content = {**raw, "version": version_of(raw), "text": text}
    profile = read_table(CityProfile, content, problems)
    if profile is not None and not problems:
        problems = list(_contradictions(profile))
    if profile is None or problems:
        raise BadCity(problems)
    return profile


def sourced_values(part: object, where: str = "") -> Iterator[tuple[str, Sourced[Any]]]:
    """Every sourced value of a profile with its dotted name, in the order of the schema."""
    if isinstance(part, Sourced):
        yield where, part
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from sourced_values(value, f"{where}.{key}")
    elif isinstance(part, tuple):
        for place, value in enumerate(part):
            yield from sourced_values(value, f"{where}[{place}]")
    elif is_dataclass(part):
        for field in fields(part):
            name = f"{where}.{field.name}" if where else field.name
            yield from sourced_values(getattr(part, field.name), name)


def version_of(raw: Mapping[str, Any]) -> str:
    """The hash of a city file: comments, order and blanks do not count; every value does."""
    canonical = json.dumps(raw, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _contradictions(profile: CityProfile) -> Iterator[str]:
    if not profile.routes:
        yield "routes：至少要有一条路线"
    yield from _limit_contradictions(profile)
    for code, route in profile.routes.items():
        yield from _route_contradictions(f"routes.{code}", route, profile)
    yield from unsupported(profile)
    yield from _nothing_named(profile)
    yield from _vote_contradictions(profile)
    if profile.market.premium_low_fen.value > profile.market.premium_high_fen.value:
        yield "market.premium_high_fen.value：小于 premium_low_fen"
    if profile.local_holiday:
        yield from _holiday_contradictions(profile.local_holiday)


def _limit_contradictions(profile: CityProfile) -> Iterator[str]:
    """A city names the limits of its own routes, and none that no procedure of ours starts."""
    asked = {kind for code in offered(profile) for kind in table_of(code, profile).limits}
    for kind in sorted(asked - profile.limits.keys()):
        yield f"limits.{kind}：缺少这个期限"
    for kind in sorted(profile.limits.keys() - known_limits()):
        yield f"limits.{kind}：没有哪条路线用到这个期限"


def _route_contradictions(where: str, route: Route, profile: CityProfile) -> Iterator[str]:
    for gate in route.gates.value:
        if gate not in profile.gates:
            yield f"{where}.gates.value：gates 里没有 {gate}"
    pooled = route.account.value in ("pooled_income", "city_pool")
    if pooled and profile.income.mode.value == "household":
        yield f"{where}.account.value：增值收益归户（household）时没有统筹账户可用"
    if "public_notice_images" in route.payment_papers.value and not route.public_notice.value:
        yield f"{where}.payment_papers.value：不公示的路线没有公示影像"


def _vote_contradictions(profile: CityProfile) -> Iterator[str]:
    """Civil Code 278: who votes is told by which rules, and none of them is below the law."""
    if profile.voting is None:
        for code in offered(profile):
            if profile.routes[code].vote.value:
                yield f"routes.{code}.vote.value：经业主表决的路线须在 voting 里写明表决规则"
        return
    if not profile.voting.openers.value:
        yield "voting.openers.value：至少要有一方可以发起表决"
    for key, problem in threshold_problems(profile.voting):
        yield f"voting.{key}：{problem}"


def _nothing_named(profile: CityProfile) -> Iterator[str]:
    """JS annex 二（一）4, 7: a notice hangs somewhere, its photos prove it, and one may object."""
    if not profile.public_notice.places.value:
        yield "public_notice.places.value：至少要有一处张贴公示的地方"
    if not profile.public_notice.photos.value:
        yield "public_notice.photos.value：至少要有一种公示照片"
    if not profile.objection.channels.value:
        yield "objection.channels.value：至少要有一种提出异议的方式"


def _holiday_contradictions(local: LocalHolidayRules) -> Iterator[str]:
    try:
        date.fromisoformat(f"2001-{local.first_day.value}")
    except ValueError:
        yield "local_holiday.first_day.value：没有这一天"
    for place, notice in enumerate(local.notices):
        where = f"local_holiday.notices[{place}]"
        if any(day.year != notice.year for day in (*notice.days_off, *notice.workdays)):
            yield f"{where}：日期不在 {notice.year} 年"
        if set(notice.days_off) & set(notice.workdays):
            yield f"{where}：同一天不能既放假又上班"
