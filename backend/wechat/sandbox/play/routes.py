"""The control API under /sandbox: play people, move the clock, make things go wrong.

For tests, the demo and the page at `/`; nothing of it exists on the platform.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from flask import Blueprint, Response, jsonify
from pydantic import AwareDatetime, Field, HttpUrl, ValidationError

from backend.domain.errors import Refused, refuse
from backend.domain.holidays import work_calendar
from backend.domain.local_time import SHANGHAI, local_date
from backend.store.holidays import official_years
from backend.wechat.sandbox.callbacks.messages import Form
from backend.wechat.sandbox.memory.faults import Fault
from backend.wechat.sandbox.memory.state import Verdict
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.sandbox.play import people as people
from backend.wechat.sandbox.play import wall
from backend.wechat.sandbox.play.reading import Input, Json, after, read, shown_push
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, TEMPLATES, Template

STATUS = {"missing": 404, "conflict": 409}


class Moment(Input):
    """Body of PUT /clock."""

    now: AwareDatetime


class Step(Input):
    """Body of POST /clock/advance."""

    days: float = Field(0, ge=-3_660, le=3_660)
    hours: float = Field(0, ge=-10_000, le=10_000)
    minutes: float = Field(0, ge=-10_000, le=10_000)
    seconds: float = Field(0, ge=-1_000_000, le=1_000_000)


class Latency(Input):
    """Body of PUT /latency."""

    ms: int = Field(ge=0, le=60_000)


class Callback(Input):
    """Body of PUT /callback: of one of the two accounts."""

    url: HttpUrl | None
    app: Literal["service", "mini"] = "service"
    form: Form | None = None


class TextVerdict(Input):
    """Body of PUT /text-verdict."""

    suggest: Verdict


def list_routes(_: SandboxParts) -> Json:
    """The table of this API."""
    table = [
        {"method": method, "path": f"/sandbox{path}", "about": about}
        for method, path, _, about in ROUTES
    ]
    return {"routes": table}


def get_clock(parts: SandboxParts) -> Json:
    """Sandbox time."""
    return {
        "now": parts.clock().astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "settable": parts.settable is not None,
    }


def set_clock(parts: SandboxParts) -> Json:
    """Set sandbox time."""
    return _move_clock(parts, read(Moment).now)


def advance_clock(parts: SandboxParts) -> Json:
    """Move sandbox time on (or back)."""
    step = timedelta(**read(Step).model_dump())
    return _move_clock(parts, parts.clock() + step)


def working_morning(parts: SandboxParts) -> Json:
    """Move sandbox time on to nine o'clock of the next working day."""
    calendar = work_calendar(official_years())
    day = local_date(parts.clock()) + timedelta(days=1)
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    return _move_clock(parts, datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI))


def list_faults(parts: SandboxParts) -> Json:
    """What goes wrong at present."""
    faults = [fault.model_dump() for fault in parts.faults.pending()]
    return {"latency_ms": parts.faults.latency_ms, "faults": faults}


def add_fault(parts: SandboxParts) -> Json:
    """Make calls go wrong."""
    parts.faults.add(read(Fault))
    return list_faults(parts)


def clear_faults(parts: SandboxParts) -> Json:
    """Everything works again."""
    parts.faults.clear()
    return list_faults(parts)


def set_latency(parts: SandboxParts) -> Json:
    """Slow every call down."""
    parts.faults.latency_ms = read(Latency).ms
    return list_faults(parts)


def revoke_tokens(parts: SandboxParts) -> Json:
    """Make all tokens invalid."""
    parts.tokens.revoke()
    return {}


def count_calls(parts: SandboxParts) -> Json:
    """Calls by path."""
    return {"calls": parts.faults.calls()}


def forget_calls(parts: SandboxParts) -> Json:
    """Count from zero."""
    parts.faults.forget_calls()
    return count_calls(parts)


def list_callbacks(parts: SandboxParts) -> Json:
    """The log of callbacks."""
    pushes = [*parts.pusher.log(after()), *parts.mini_pusher.log(after())]
    pushes.sort(key=lambda push: push.id)
    return {
        "url": parts.pusher.url,
        "mini_url": parts.mini_pusher.url,
        "callbacks": [shown_push(push) for push in pushes],
    }


def repeat_callback(parts: SandboxParts, number: int) -> Json:
    """Push a callback again."""
    pushers = (parts.pusher, parts.mini_pusher)
    pusher = next((p for p in pushers if p.has(number)), parts.pusher)
    return {"callback": shown_push(pusher.repeat(number))}


def set_callback(parts: SandboxParts) -> Json:
    """Where callbacks go."""
    wanted = read(Callback)
    pusher = parts.mini_pusher if wanted.app == "mini" else parts.pusher
    pusher.url = str(wanted.url) if wanted.url else None
    pusher.form = wanted.form or pusher.form
    return {"url": pusher.url, "form": pusher.form}


def set_text_verdict(parts: SandboxParts) -> Json:
    """What the platform thinks of texts."""
    parts.state.text_verdict = read(TextVerdict).suggest
    return {"suggest": parts.state.text_verdict}


def check_callback(parts: SandboxParts) -> Json:
    """The console's address check."""
    ok, attempt = parts.pusher.check_url()
    return {"ok": ok, "attempt": attempt.model_dump()}


def list_templates(_: SandboxParts) -> Json:
    """The templates of both accounts."""
    return {
        "templates": [_template(template) for template in TEMPLATES.values()],
        "subscribe_templates": [_template(template) for template in SUBSCRIBE_TEMPLATES.values()],
    }


def reset(parts: SandboxParts) -> Json:
    """Forget everything but the time."""
    parts.state.reset()
    parts.tokens.revoke()
    parts.faults.clear()
    parts.faults.forget_calls()
    parts.pusher.reset()
    parts.mini_pusher.reset()
    return {}


View = Callable[..., Json]

ROUTES: tuple[tuple[str, str, View, str], ...] = (
    ("GET", "", list_routes, "本表"),
    ("GET", "/people", people.list_people, "列出所有人，含 openid 与 unionid"),
    (
        "POST",
        "/people",
        people.put_person,
        "添加或修改一个人：name，可选 phone、subscribed、template_result、subscribe_result",
    ),
    ("GET", "/people/<name>", people.get_person, "查看一个人"),
    ("POST", "/people/<name>/follow", people.follow, "关注服务号，推送 subscribe"),
    ("POST", "/people/<name>/unfollow", people.unfollow, "取消关注，推送 unsubscribe"),
    (
        "POST",
        "/people/<name>/login-code",
        people.login_code,
        "取登录 code，一次有效，五分钟内",
    ),
    (
        "POST",
        "/people/<name>/authenticator-code",
        people.authenticator_code,
        "此人手机上的验证器现在的六位数字，每个只给一次",
    ),
    ("POST", "/people/<name>/open", people.open_mini, "打开小程序；两小时内可校验此人的文字"),
    (
        "POST",
        "/people/<name>/phone-code",
        people.phone_code,
        "取手机号 code，一次有效，五分钟内；可选 appid 冒充别的小程序",
    ),
    (
        "POST",
        "/people/<name>/popup",
        people.popup,
        "回答订阅弹窗：answers，模板编号到 accept 或 reject，最多三个",
    ),
    (
        "POST",
        "/people/<name>/switch-off",
        people.switch_off,
        "在设置里关闭订阅消息：template_ids",
    ),
    (
        "POST",
        "/people/<name>/take-back",
        people.take_back,
        "在设置里撤回授权：what，默认 8（手机号），推送 user_authorization_revoke",
    ),
    (
        "POST",
        "/people/<name>/close-account",
        people.close_account,
        "注销微信账号，推送 user_authorization_cancellation",
    ),
    (
        "GET",
        "/people/<name>/messages",
        people.person_messages,
        "此人的往来消息，可选 ?after=编号",
    ),
    ("POST", "/people/<name>/messages", people.write, "以此人身份写消息：text，等到回调结束才返回"),
    ("POST", "/people/<name>/taps", people.tap, "以此人身份点选菜单：choice_id，可选 message_id"),
    ("GET", "/messages", people.all_messages, "所有人的往来消息，可选 ?after=消息编号"),
    ("GET", "/clock", get_clock, "沙箱时间"),
    ("PUT", "/clock", set_clock, "设定沙箱时间：now，带时区"),
    ("POST", "/clock/advance", advance_clock, "拨动沙箱时间：days、hours、minutes、seconds"),
    (
        "POST",
        "/clock/working-morning",
        working_morning,
        "拨到下一个工作日上午九点（按国务院办公厅的节假日安排）",
    ),
    ("GET", "/wall", wall.read_wall, "墙上的二维码，含 SVG 图"),
    ("PUT", "/wall", wall.hang, "换上这些二维码：codes，各有 title、note、text"),
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
    (
        "PUT",
        "/callback",
        set_callback,
        "回调地址：url，null 为不推送；可选 app（service、mini）、form（xml、json）",
    ),
    ("POST", "/callback/check", check_callback, "像公众平台那样校验回调地址"),
    ("GET", "/templates", list_templates, "服务号与小程序已有的模板"),
    (
        "PUT",
        "/text-verdict",
        set_text_verdict,
        "文字校验的结论：suggest（pass、review、risky）；含【待审】【违规】的文字另有结论",
    ),
    ("POST", "/reset", reset, "清空人员、消息、故障与计数，不动时间"),
)


def control_api(parts: SandboxParts) -> Blueprint:
    """All routes of the table above."""
    blueprint = Blueprint("control", __name__, url_prefix="/sandbox")
    for method, path, view, _ in ROUTES:
        blueprint.add_url_rule(
            path, endpoint=view.__name__, view_func=partial(view, parts), methods=[method]
        )
    blueprint.register_error_handler(Refused, _refused)
    blueprint.register_error_handler(ValidationError, _invalid)
    return blueprint


def _move_clock(parts: SandboxParts, moment: datetime) -> Json:
    if parts.settable is None:
        raise refuse(
            "clock_not_settable", "没有配置 TIBAO_CLOCK_FILE，不能拨动时间", None, "conflict"
        )
    with parts.state.lock:
        parts.settable.set(moment)
    return get_clock(parts)


def _template(template: Template) -> Json:
    return {
        "key": template.key,
        "template_id": template.platform_id,
        "title": template.title,
        "fields": {field.keyword: field.label for field in template.fields},
    }


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
