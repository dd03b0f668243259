"""The messages we send: our names, the platform's keywords, and what people read.

Services speak of `estate` and `due`; the platform of `thing1` and `time4`. The emulator registers
the same lists. In production the platform hands out its own ids when the templates are added to
the account. What goes to residents exists twice, under one key and with the same names: as a
subscribe message of the mini-program, and as a template message for those who follow the service
account when no consent is left.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.messages import TITLES

POSTED_AGAIN = "重发 "  # before the first words of what may come a second time
VALUE_LIMIT = 20  # the platform cuts longer values silently


@dataclass(frozen=True)
class Field:
    """One line of a template: our name, the platform's keyword, the Chinese label."""

    name: str
    keyword: str
    label: str


@dataclass(frozen=True)
class Template:
    """One template message: our key, the platform's id for it, title and lines."""

    key: str
    platform_id: str
    title: str
    fields: tuple[Field, ...]


def _template(key: str, *fields: tuple[str, str, str], account: str = "sandbox") -> Template:
    platform_id = f"{account}-{key.replace('_', '-')}"
    return Template(key, platform_id, TITLES[key], tuple(Field(*field) for field in fields))


def _to_residents(account: str) -> tuple[Template, ...]:
    """What residents hear, for one of the two accounts."""
    return (
        _template(
            "objection_answered",
            ("estate", "thing1", "小区名称"),
            ("number", "character_string2", "异议编号"),
            ("state", "thing3", "处理情况"),
            ("at", "time4", "答复时间"),
            ("next", "thing5", "温馨提示"),
            account=account,
        ),
        _template(
            "notice_ending",
            ("estate", "thing1", "小区名称"),
            ("number", "character_string2", "公示编号"),
            ("due", "time3", "异议截止"),
            ("left", "thing4", "剩余时间"),
            account=account,
        ),
        _template(
            "cover_changed",
            ("estate", "thing1", "小区名称"),
            ("lift", "thing2", "电梯"),
            ("state", "phrase3", "保障状态"),
            ("on", "date4", "生效日期"),
            ("next", "thing5", "温馨提示"),
            account=account,
        ),
    )


TEMPLATES: Mapping[str, Template] = {
    template.key: template
    for template in (
        _template(
            "approval_invitation",
            ("estate", "thing1", "小区名称"),
            ("subject", "thing2", "审议事项"),
            ("number", "character_string3", "方案编号"),
            ("amount", "amount4", "保费合计"),
            ("due", "time5", "截止时间"),
        ),
        _template(
            "deadline_reminder",
            ("estate", "thing1", "小区名称"),
            ("task", "thing2", "待办事项"),
            ("number", "character_string3", "项目编号"),
            ("due", "time4", "截止时间"),
            ("left", "thing5", "剩余时间"),
        ),
        _template(
            "purchase_progress",
            ("estate", "thing1", "小区名称"),
            ("number", "character_string2", "项目编号"),
            ("state", "thing3", "当前进度"),
            ("at", "time4", "更新时间"),
            ("next", "thing5", "下一步"),
        ),
        _template(
            "objection_received",
            ("estate", "thing1", "小区名称"),
            ("number", "character_string2", "项目编号"),
            ("received", "time3", "收到时间"),
            ("count", "thing4", "异议情况"),
            ("task", "thing5", "请您办理"),
        ),
        _template(
            "escalation",
            ("estate", "thing1", "小区名称"),
            ("task", "thing2", "逾期事项"),
            ("responsible", "thing3", "责任岗位"),
            ("due", "time4", "应办期限"),
            ("late", "thing5", "逾期时间"),
        ),
        _template(
            "handover",
            ("estate", "thing1", "小区名称"),
            ("role", "thing2", "办理岗位"),
            ("count", "thing3", "待办情况"),
            ("until", "thing4", "最近截止"),
            ("next", "thing5", "温馨提示"),
        ),
        *_to_residents("sandbox"),
    )
}

SUBSCRIBE_TEMPLATES: Mapping[str, Template] = {
    template.key: template for template in _to_residents("sandbox-mini")
}


def ids_on_platform(
    templates: Mapping[str, Template], configured: Mapping[str, str], sandbox: bool
) -> Mapping[str, str]:
    """The platform's id of each template: as configured, or in the sandbox the emulator's own.

    Raises ValueError naming the templates that production has no id for.
    """
    ids = {key: template.platform_id for key, template in templates.items()} if sandbox else {}
    known = {**ids, **configured}
    if missing := templates.keys() - known.keys():
        raise ValueError(f"no id for {', '.join(sorted(missing))}")
    return known


def fit(value: str) -> str:
    """A value as the platform will show it whole: one line, at most 20 characters.

    Line breaks and control characters become blanks; a longer value ends in `…`, so that the
    reader sees that something is missing.
    """
    if not value.isprintable():
        value = "".join(c if c.isprintable() else " " for c in value)
    line = " ".join(value.split())
    return line if len(line) <= VALUE_LIMIT else line[: VALUE_LIMIT - 1] + "…"


def fit_subscribe(keyword: str, value: str) -> str:
    """A value as the platform accepts it in this field of a subscribe message.

    Other than with template messages a wrong one is refused: `thing` has at most 20 characters,
    `phrase` 5 Chinese ones, `character_string` 32 without Chinese. Times and dates stay as they
    are.
    """
    match re.sub(r"\d+$", "", keyword):
        case "thing":
            return fit(value)
        case "phrase":
            return re.sub(r"[^\u4e00-\u9fff]", "", value)[:5]
        case "character_string":
            return re.sub(r"[^\x20-\x7e]", "", value)[:32]
        case _:
            return value


def platform_data(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Our values by field name → the platform's values by keyword.

    Raises KeyError when a field is missing and ValueError for a name the template does not have.
    """
    if unknown := values.keys() - {field.name for field in template.fields}:
        raise ValueError(f"{template.key} has no field {sorted(unknown)}")
    return {field.keyword: values[field.name] for field in template.fields}


def said_to_come_again(data: Mapping[str, str]) -> dict[str, str]:
    """The platform's values, the first words among them marked as perhaps read before, where they
    have room for that."""
    for keyword, value in data.items():
        marked = POSTED_AGAIN + value
        if keyword.startswith("thing") and fit(marked) == marked:
            return {**data, keyword: marked}
    return dict(data)


def shown(template: Template, values: Mapping[str, str]) -> str:
    """What the person reads: the title, then one `label：value` line per field, by our names."""
    lines = [f"{field.label}：{fit(values[field.name])}" for field in template.fields]
    return "\n".join([template.title, *lines])
