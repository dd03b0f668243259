"""The platform's calls around a mini-program: messages, text checks, phone numbers, codes."""

import re
import secrets
from datetime import timedelta
from io import BytesIO

import qrcode

from backend.wechat.sandbox.calls.answering import Body, Errcode, check_token, json_body, recipient
from backend.wechat.sandbox.calls.field_rules import PAGE, fits, is_page, values_of
from backend.wechat.sandbox.memory.state import Message, Verdict
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.templates import SUBSCRIBE_TEMPLATES

BY_PLATFORM_ID = {template.platform_id: template for template in SUBSCRIBE_TEMPLATES.values()}
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
STATES = ("formal", "trial", "developer")
LANGUAGES = ("zh_CN", "zh_HK", "zh_TW", "en_US")
OPENED_WITHIN = timedelta(hours=2)
TEXT_LIMIT = 2500
# Words that steer the verdict, so that a person at the page can try each of them.
MARKS: dict[str, Verdict] = {"【违规】": "risky", "【待审】": "review"}
LABELS = {"pass": 100, "review": 20001, "risky": 20006}
WIDTHS = range(280, 1281)


def subscribe_send(parts: SandboxParts) -> Body:
    """POST /cgi-bin/message/subscribe/send: uses up one consent, reports the end as an event."""
    check_token(parts, parts.settings.mini_appid)
    body = json_body()
    person = recipient(parts, "mini", body.get("touser"))
    template = BY_PLATFORM_ID.get(str(body.get("template_id")))
    if template is None:
        raise Errcode(40037)
    page = body.get("page", "")
    if page and not is_page(page):
        raise Errcode(41030)
    if body.get("miniprogram_state", "formal") not in STATES:
        raise Errcode(47003, "miniprogram_state invalid")
    if body.get("lang", "zh_CN") not in LANGUAGES:
        raise Errcode(47003, "lang invalid")
    values = values_of(template, body.get("data"), fits)
    if not parts.state.use_consent(person, template.platform_id):
        raise Errcode(43101)
    number = parts.state.next_id()
    parts.state.add_message(
        Message(
            id=number,
            at=parts.clock(),
            person=person.name,
            direction="in",
            type="subscribe",
            text="\n".join([template.title, *(f"{k}：{v}" for k, v in values.items())]),
            template=template.key,
            data=values,
            miniprogram={"appid": parts.settings.mini_appid, "pagepath": str(page)},
            msgid=str(number),
            status=person.subscribe_result,
        )
    )
    parts.mini_pusher.subscribe_sent(person, template.platform_id, number)
    return {"errcode": 0, "errmsg": "ok", "msgid": number}


def check_text(parts: SandboxParts) -> Body:
    """POST /wxa/msg_sec_check, version 2: only for people who opened the mini-program lately."""
    check_token(parts, parts.settings.mini_appid)
    body = json_body()
    if body.get("version") != 2:
        raise Errcode(47001, "version must be 2")
    person = recipient(parts, "mini", body.get("openid"))
    scene, content = body.get("scene"), body.get("content")
    if isinstance(scene, bool) or scene not in (1, 2, 3, 4):
        raise Errcode(40129)
    if not isinstance(content, str) or not content:
        raise Errcode(44004)
    if len(content) > TEXT_LIMIT:
        raise Errcode(45002)
    opened = person.mini_opened_at
    if opened is None or parts.clock() - opened > OPENED_WITHIN:
        raise Errcode(61010)
    suggest = next((verdict for mark, verdict in MARKS.items() if mark in content), None)
    suggest = suggest or parts.state.text_verdict
    result = {"suggest": suggest, "label": LABELS[suggest]}
    detail = [{"strategy": "content_model", "errcode": 0, **result, "prob": 90}]
    trace = secrets.token_hex(12)
    return {"errcode": 0, "errmsg": "ok", "detail": detail, "trace_id": trace, "result": result}


def phone_number(parts: SandboxParts) -> Body:
    """POST /wxa/business/getuserphonenumber: a code works once, within five minutes."""
    check_token(parts, parts.settings.mini_appid)
    code = json_body().get("code")
    if not isinstance(code, str) or not code:
        raise Errcode(40029)
    shown = parts.phone_codes.redeem(code)
    if isinstance(shown, int):
        raise Errcode(40029)  # used or unknown: other than a login code, it says no more
    country, number = ("86", shown.phone) if shown.phone[0] != "+" else _foreign(shown.phone)
    info = {
        "phoneNumber": number if country == "86" else shown.phone,
        "purePhoneNumber": number,
        "countryCode": country,
        "watermark": {"timestamp": int(parts.clock().timestamp()), "appid": shown.appid},
    }
    return {"errcode": 0, "errmsg": "ok", "phone_info": info}


def unlimited_code(parts: SandboxParts) -> bytes:
    """POST /wxa/getwxacodeunlimit: a picture, or JSON when something is wrong.

    It is an ordinary QR code of page and scene: the platform's round ones cannot be drawn here.
    """
    check_token(parts, parts.settings.mini_appid)
    body = json_body()
    scene, page, width = body.get("scene"), body.get("page", ""), body.get("width", 430)
    if not isinstance(scene, str) or not SCENE.fullmatch(scene):
        raise Errcode(40169)
    if not isinstance(page, str) or (page and not PAGE.fullmatch(page)):
        raise Errcode(41030)
    if isinstance(width, bool) or not isinstance(width, int) or width not in WIDTHS:
        raise Errcode(47001, "invalid width")
    picture = qrcode.make(f"{page}?scene={scene}").get_image().resize((width, width))
    raw = BytesIO()
    picture.save(raw, "PNG")
    return raw.getvalue()


def _foreign(phone: str) -> tuple[str, str]:
    """`+852 5123…` → country code and number."""
    country, _, number = phone[1:].partition(" ")
    return country, number
