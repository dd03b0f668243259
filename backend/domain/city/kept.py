"""City files as they were: a case keeps the text of the rules it began with, in the words of then.

What was renamed since gets today's name, and a key that no rule reads any more is left out: all
that ever left had one value that could be followed, so no case loses a rule. The values are never
touched, and `version` stays the hash of the text as it was written.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from backend.domain.city.parse import parse_table, version_of
from backend.domain.city.schema import CityProfile
from backend.domain.routes.catalogue import known_limits
from backend.domain.typed_table import Sourced

# Dotted names, `*` for every key or place of a table; old name → today's name (migration 0016).
RENAMED = {
    "publicity": "public_notice",
    "routes.*.publicity": "public_notice",
    "limits.publicity": "public_notice_period",
}
# Limits that came since are as long as the one that stood for them: whoever answered an objection
# settled it too. Nothing stood for the look at a refund: it is as long as for the policy,
# and what is talked over with the insurer as long as its plan.
ADDED_LIMITS = {
    "objection_review": "objection_answer",
    "refund_review": "policy",
    "lift_return": "planning",
}
# The same for what only one route asks for: a special account is opened as quickly as an
# application is taken up.
ADDED_BY_ROUTES = {"R3": {"account_opening": "acceptance"}, "R4": {"collecting": "contract"}}
# The same for words within a value.
RENAMED_VALUES = {"routes.*.payment_papers.value": {"publicity_images": "public_notice_images"}}


def parse_kept(text: str) -> CityProfile:
    """Read a city file that once passed its checks. Raises BadCity when it still cannot be read."""
    raw = tomllib.loads(text)
    renamed = _renamed(raw, "")
    known = _known(CityProfile, renamed)
    limits = {kind: limit for kind, limit in known["limits"].items() if kind in known_limits()}
    added = ADDED_LIMITS | dict(
        each for code in known["routes"] for each in ADDED_BY_ROUTES.get(code, {}).items()
    )
    limits |= {new: limits[old] for new, old in added.items() if new not in limits}
    profile = parse_table({**known, "limits": limits}, text)
    return replace(profile, version=version_of(raw))


def _renamed(raw: Any, where: str) -> Any:
    if isinstance(raw, dict):
        return {
            RENAMED.get(name, key): _renamed(value, name)
            for key, value in raw.items()
            for name in [_place(where, key)]
        }
    words = RENAMED_VALUES.get(where, {})
    if isinstance(raw, list):
        return [words.get(part, part) if isinstance(part, str) else part for part in raw]
    return raw


def _place(where: str, key: str) -> str:
    if where == "routes":
        return "routes.*"
    return f"{where}.{key}" if where else key


def _known(kind: Any, raw: Any) -> Any:
    """`raw` without the keys that `kind` does not have."""
    origin, within = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _known(next(part for part in within if part is not NoneType), raw)
    if origin is Annotated:
        return _known(within[0], raw)
    if origin is Sourced and isinstance(raw, dict):
        return {key: value for key, value in raw.items() if key in ("value", "source")}
    if is_dataclass(kind) and isinstance(raw, dict):
        hints = get_type_hints(kind, include_extras=True)
        return {key: _known(hints[key], value) for key, value in raw.items() if key in hints}
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        keys, values = within
        _, *rules = get_args(keys)
        return {
            key: _known(values, value)
            for key, value in raw.items()
            if not any(rule.complaint(key) for rule in rules)
        }
    if origin is tuple and isinstance(raw, list):
        return [_known(within[0], part) for part in raw]
    return raw
