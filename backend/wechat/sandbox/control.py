"""The control API under /sandbox: play people, move the clock, make things go wrong.

For tests, the demo and the page at `/`; nothing of it exists on the platform.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, ValidationError

from backend.clock import SHANGHAI
from backend.domain.errors import Refused, refuse
from backend.wechat.sandbox import acts
from backend.wechat.sandbox.faults import Fault
from backend.wechat.sandbox.parts import Parts
from backend.wechat.sandbox.push import Push
from backend.wechat.sandbox.state import Message, Person
from backend.wechat.templates import TEMPLATES

STATUS = {"missing": 404, "conflict": 409}

Json = dict[str, Any]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPerson(_Input):
    """Body of POST /people."""

    name: str = Field(min_length=1, max_length=50)
    phone: str | None = None
    subscribed: bool | None = None
    template_result: str | None = None


class Words(_Input):
    """Body of POST /people/<name>/messages."""

    text: str = Field(min_length=1)


class Tap(_Input):
    """Body of POST /people/<name>/taps."""

    choice_id: str
    message_id: int | None = None


class Moment(_Input):
    """Body of PUT /clock."""

    now: AwareDatetime


class Step(_Input):
    """Body of POST /clock/advance."""

    days: float = Field(0, ge=-3_660, le=3_660)
    hours: float = Field(0, ge=-10_000, le=10_000)
    minutes: float = Field(0, ge=-10_000, le=10_000)
    seconds: float = Field(0, ge=-1_000_000, le=1_000_000)


class Latency(_Input):
    """Body of PUT /latency."""

    ms: int = Field(ge=0, le=60_000)


class CallbackUrl(_Input):
    """Body of PUT /callback."""

    url: HttpUrl | None


def list_routes(_: Parts) -> Json:
    """The table of this API."""
    table = [
        {"method": method, "path": f"/sandbox{path}", "about": about}
        for method, path, _, about in ROUTES
    ]
    return {"routes": table}


def list_people(parts: Parts) -> Json:
    """Everyone."""
    return {"people": [_person(parts, person) for person in parts.state.people()]}


def put_person(parts: Parts) -> Json:
    """Make or change a person."""
    wanted = _input(NewPerson)
    parts.state.put_person(wanted.name, wanted.phone, wanted.subscribed, wanted.template_result)
    return get_person(parts, wanted.name)


def get_person(parts: Parts, name: str) -> Json:
    """One person."""
    return _person(parts, parts.state.person(name))


def follow(parts: Parts, name: str) -> Json:
    """Follow the service account."""
    return {"callback": _push(acts.follow(parts, name))}


def unfollow(parts: Parts, name: str) -> Json:
    """Stop following."""
    return {"callback": _push(acts.unfollow(parts, name))}


def login_code(parts: Parts, name: str) -> Json:
    """A login code."""
    return {"code": acts.login_code(parts, name)}


def person_messages(parts: Parts, name: str) -> Json:
    """One person's conversation."""
    name = parts.state.person(name).name
    return {"messages": [_message(m) for m in parts.state.messages(name, _after())]}


def write(parts: Parts, name: str) -> Json:
    """Write a chat message."""
    return {"callback": _push(acts.write(parts, name, _input(Words).text))}


def tap(parts: Parts, name: str) -> Json:
    """Tap a choice."""
    wanted = _input(Tap)
    return {"callback": _push(acts.tap(parts, name, wanted.choice_id, wanted.message_id))}


def all_messages(parts: Parts) -> Json:
    """All conversations."""
    return {"messages": [_message(m) for m in parts.state.messages(None, _after())]}


def get_clock(parts: Parts) -> Json:
    """Sandbox time."""
    return {
        "now": parts.clock().astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "settable": parts.settable is not None,
    }


def set_clock(parts: Parts) -> Json:
    """Set sandbox time."""
    return _move_clock(parts, _input(Moment).now)


def advance_clock(parts: Parts) -> Json:
    """Move sandbox time on (or back)."""
    step = timedelta(**_input(Step).model_dump())
    return _move_clock(parts, parts.clock() + step)


def list_faults(parts: Parts) -> Json:
    """What goes wrong at present."""
    faults = [fault.model_dump() for fault in parts.faults.pending()]
    return {"latency_ms": parts.faults.latency_ms, "faults": faults}


def add_fault(parts: Parts) -> Json:
    """Make calls go wrong."""
    parts.faults.add(_input(Fault))
    return list_faults(parts)


def clear_faults(parts: Parts) -> Json:
    """Everything works again."""
    parts.faults.clear()
    return list_faults(parts)


def set_latency(parts: Parts) -> Json:
    """Slow every call down."""
    parts.faults.latency_ms = _input(Latency).ms
    return list_faults(parts)


def revoke_tokens(parts: Parts) -> Json:
    """Make all tokens invalid."""
    parts.tokens.revoke()
    return {}


def count_calls(parts: Parts) -> Json:
    """Calls by path."""
    return {"calls": parts.faults.calls()}


def forget_calls(parts: Parts) -> Json:
    """Count from zero."""
    parts.faults.forget_calls()
    return count_calls(parts)


def list_callbacks(parts: Parts) -> Json:
    """The log of callbacks."""
    return {"url": parts.pusher.url, "callbacks": [_push(p) for p in parts.pusher.log(_after())]}


def repeat_callback(parts: Parts, number: int) -> Json:
    """Push a callback again."""
    return {"callback": _push(parts.pusher.repeat(number))}


def set_callback(parts: Parts) -> Json:
    """Where callbacks go."""
    url = _input(CallbackUrl).url
    parts.pusher.url = str(url) if url else None
    return {"url": parts.pusher.url}


def check_callback(parts: Parts) -> Json:
    """The console's address check."""
    ok, attempt = parts.pusher.check_url()
    return {"ok": ok, "attempt": attempt.model_dump()}


def list_templates(_: Parts) -> Json:
    """The templates of the account."""
    return {
        "templates": [
            {
                "key": template.key,
                "template_id": template.platform_id,
                "title": template.title,
                "fields": {field.keyword: field.label for field in template.fields},
            }
            for template in TEMPLATES.values()
        ]
    }


def reset(parts: Parts) -> Json:
    """Forget everything but the time."""
    parts.state.reset()
    parts.tokens.revoke()
    parts.faults.clear()
    parts.faults.forget_calls()
    parts.pusher.reset()
    return {}


View = Callable[..., Json]

ROUTES: tuple[tuple[str, str, View, str], ...] = (
    ("GET", "", list_routes, "本表"),
    ("GET", "/people", list_people, "列出所有人，含 openid 与 unionid"),
    (
        "POST",
        "/people",
        put_person,
        "添加或修改一个人：name，可选 phone、subscribed、template_result",
    ),
    ("GET", "/people/<name>", get_person, "查看一个人"),
    ("POST", "/people/<name>/follow", follow, "关注服务号，推送 subscribe"),
    ("POST", "/people/<name>/unfollow", unfollow, "取消关注，推送 unsubscribe"),
    ("POST", "/people/<name>/login-code", login_code, "取小程序登录 code，一次有效，五分钟内"),
    ("GET", "/people/<name>/messages", person_messages, "此人的往来消息，可选 ?after=消息编号"),
    ("POST", "/people/<name>/messages", write, "以此人身份写消息：text，等到回调结束才返回"),
    ("POST", "/people/<name>/taps", tap, "以此人身份点选菜单：choice_id，可选 message_id"),
    ("GET", "/messages", all_messages, "所有人的往来消息，可选 ?after=消息编号"),
    ("GET", "/clock", get_clock, "沙箱时间"),
    ("PUT", "/clock", set_clock, "设定沙箱时间：now，带时区"),
    ("POST", "/clock/advance", advance_clock, "拨动沙箱时间：days、hours、minutes、seconds"),
    ("GET", "/faults", list_faults, "当前的故障与延迟"),
    (
        "POST",
        "/faults",
        add_fault,
        "注入故障：call、kind（errcode、http、lost_before、lost_after）、code、seconds、times",
    ),
    ("DELETE", "/faults", clear_faults, "清除全部故障与延迟"),
    ("PUT", "/latency", set_latency, "每次调用的延迟：ms"),
    ("POST", "/tokens/revoke", revoke_tokens, "使全部 access_token 失效"),
    ("GET", "/calls", count_calls, "各接口的调用次数"),
    ("DELETE", "/calls", forget_calls, "次数清零"),
    ("GET", "/callbacks", list_callbacks, "回调日志，可选 ?after=回调编号"),
    ("POST", "/callbacks/<int:number>/repeat", repeat_callback, "原样重推一次回调"),
    ("PUT", "/callback", set_callback, "回调地址：url，null 为不推送"),
    ("POST", "/callback/check", check_callback, "像公众平台那样校验回调地址"),
    ("GET", "/templates", list_templates, "服务号已有的模板"),
    ("POST", "/reset", reset, "清空人员、消息、故障与计数，不动时间"),
)


def control_api(parts: Parts) -> Blueprint:
    """All routes of the table above."""
    blueprint = Blueprint("control", __name__, url_prefix="/sandbox")
    for method, path, view, _ in ROUTES:
        blueprint.add_url_rule(
            path, endpoint=view.__name__, view_func=partial(view, parts), methods=[method]
        )
    blueprint.register_error_handler(Refused, _refused)
    blueprint.register_error_handler(ValidationError, _invalid)
    return blueprint


_Model = TypeVar("_Model", bound=BaseModel)


def _input(model: type[_Model]) -> _Model:
    return model.model_validate_json(request.get_data() or b"{}")


def _after() -> int:
    after = request.args.get("after", "0")
    if not after.isdecimal():
        raise refuse("invalid_after", "after 应是消息或回调的编号", "after")
    return int(after)


def _move_clock(parts: Parts, moment: datetime) -> Json:
    if parts.settable is None:
        raise refuse(
            "clock_not_settable", "没有配置 TIBAO_CLOCK_FILE，不能拨动时间", None, "conflict"
        )
    with parts.state.lock:
        parts.settable.set(moment)
    return get_clock(parts)


def _person(parts: Parts, person: Person) -> Json:
    return {
        "name": person.name,
        "phone": person.phone,
        "subscribed": person.subscribed,
        "openids": {app: person.openids[appid] for app, appid in parts.state.appids.items()},
        "unionid": person.unionid,
        "template_result": person.template_result,
    }


def _message(message: Message) -> Json:
    shown = message.model_dump(mode="json")
    shown["at"] = message.at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return shown


def _push(push: Push) -> Json:
    shown = push.model_dump(mode="json")
    shown["at"] = push.at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return shown


def _refused(error: Refused) -> tuple[Response, int]:
    errors = [
        {"code": refusal.code, "message": refusal.message, "field": refusal.field}
        for refusal in error.refusals
    ]
    return jsonify(errors=errors), STATUS.get(error.kind, 400)


def _invalid(error: ValidationError) -> tuple[Response, int]:
    errors = []
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"]) or None
        message = f"请检查 {field or '请求内容'}：{problem['msg']}"
        errors.append({"code": "invalid_input", "message": message, "field": field})
    return jsonify(errors=errors), 400
