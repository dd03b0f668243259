"""What the service account sends: template messages and chat messages."""

from backend.wechat.sandbox.calls.answering import Body, Errcode, check_token, json_body, recipient
from backend.wechat.sandbox.calls.field_rules import is_page, values_of
from backend.wechat.sandbox.memory.state import Choice, Message, Person
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.templates import TEMPLATES, VALUE_LIMIT

TEXT_LIMIT_BYTES = 2048
BY_PLATFORM_ID = {template.platform_id: template for template in TEMPLATES.values()}


def template_send(parts: SandboxParts) -> Body:
    """POST /cgi-bin/message/template/send: queue it, and report its fate as an event."""
    check_token(parts, parts.settings.service_appid)
    body = json_body()
    person = recipient(parts, "service", body.get("touser"))
    template = BY_PLATFORM_ID.get(str(body.get("template_id")))
    if template is None:
        raise Errcode(40037)
    # Unlike a subscribe message, a long value is cut without a word.
    values = {
        label: value[:VALUE_LIMIT]
        for label, value in values_of(template, body.get("data"), _fits).items()
    }
    if not person.subscribed:
        raise Errcode(43004)
    _opens(parts, body.get("miniprogram"))
    client_msg_id = body.get("client_msg_id")
    number = parts.state.next_id()
    if client_msg_id is not None:
        if not isinstance(client_msg_id, str):
            raise Errcode(47001)
        first = parts.sends.take(body["touser"], client_msg_id, number)
        if first != number:
            return {"errcode": 0, "errmsg": "ok", "msgid": first}
    parts.state.add_message(
        Message(
            id=number,
            at=parts.clock(),
            person=person.name,
            direction="in",
            type="template",
            text="\n".join([template.title, *(f"{k}：{v}" for k, v in values.items())]),
            template=template.key,
            data=values,
            url=body.get("url"),
            miniprogram=body.get("miniprogram"),
            client_msg_id=client_msg_id,
            msgid=str(number),
            status=person.template_result,
        )
    )
    parts.pusher.job_finished(person, number, person.template_result)
    return {"errcode": 0, "errmsg": "ok", "msgid": number}


def _opens(parts: SandboxParts, tap: object) -> None:
    """A tap may only open a page that is there, of the mini-program that belongs to the account."""
    if tap is None:
        return
    if not isinstance(tap, dict) or tap.get("appid") != parts.settings.mini_appid:
        raise Errcode(40166)
    if not is_page(tap.get("pagepath")):
        raise Errcode(40165)


def custom_send(parts: SandboxParts) -> Body:
    """POST /cgi-bin/message/custom/send: text or menu, inside an open window."""
    check_token(parts, parts.settings.service_appid)
    # The platform shows \u escapes as they are written: people must get real characters.
    body = json_body(escapes_stay=True)
    person = recipient(parts, "service", body.get("touser"))
    message = _chat_message(parts, person, body)
    if not person.subscribed:
        raise Errcode(45015)
    closed = parts.state.use_window(person)
    if closed:
        raise Errcode(45015 if closed == "closed" else 45047)
    parts.state.add_message(message)
    return {"errcode": 0, "errmsg": "ok"}


def _fits(_: str, value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _chat_message(parts: SandboxParts, person: Person, body: Body) -> Message:
    kind = body.get("msgtype")
    if kind not in ("text", "msgmenu"):
        raise Errcode(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise Errcode(47001)
    choices = _choices(content.get("list")) if kind == "msgmenu" else []
    return Message(
        id=parts.state.next_id(),
        at=parts.clock(),
        person=person.name,
        direction="in",
        type="menu" if kind == "msgmenu" else "text",
        text=_chat_text(content.get("head_content" if kind == "msgmenu" else "content")),
        choices=choices,
        tail=_chat_text(content.get("tail_content")) if kind == "msgmenu" else "",
    )


def _choices(listed: object) -> list[Choice]:
    if not isinstance(listed, list) or not listed:
        raise Errcode(47001)
    choices = []
    for entry in listed:
        if not isinstance(entry, dict):
            raise Errcode(47001)
        number, text = entry.get("id"), entry.get("content")
        if not isinstance(number, str) or not isinstance(text, str) or not number or not text:
            raise Errcode(47001)
        choices.append(Choice(id=number, text=text))
    return choices


def _chat_text(value: object) -> str:
    if not isinstance(value, str):
        raise Errcode(47001)
    if not value:
        raise Errcode(44004)
    if len(value.encode()) > TEXT_LIMIT_BYTES:
        raise Errcode(45002)
    return value
