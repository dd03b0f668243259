"""One message or event of a person, as it is read from what the platform pushes.

A service account pushes XML, a mini-program XML or JSON. It is read once, at the door
(`callbacks`); whoever works on it later finds in the inbox what was read.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

# Characters that XML 1.0 does not allow; the platform passes on what people type.
NOT_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Around the list of a subscribe event; in JSON there is nothing around it.
WRAPPERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")

# What sets an event apart. MsgID is the message whose job finished, OpenID and RevokeInfo who took
# back what: two of each may come in the same second.
EVENT_KEY = (
    *("FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "TemplateId", "MsgID"),
    *("OpenID", "RevokeInfo"),
)


class Malformed(Exception):
    """The platform sent it, but it cannot be read: answer 200 and keep a dead letter."""


@dataclass(frozen=True)
class Incoming:
    """One message or event of a person. Texts are empty when the platform sent none.

    `dedupe_key` is the same whenever the platform repeats itself. `menu_choice_id` is the id of a
    tapped choice. `event` is in lower case (`subscribe`, `templatesendjobfinish`, …); kinds and
    events we do not know are kept. `job_msgid` and `job_status` tell how a template message ended.
    `entries` are what a subscribe event lists, one mapping of texts for each template. `revoked` is
    the number of what a person does not share with us any more; `openid` is then theirs, though the
    platform itself sends it. Of a message it is the sender's: what people write may look like
    fields.
    """

    kind: str
    msg_id: str | None
    dedupe_key: str
    openid: str
    created_at: datetime
    text: str
    menu_choice_id: str
    event: str
    event_key: str
    job_msgid: str
    job_status: str
    entries: tuple[Mapping[str, str], ...]
    revoked: str = ""

    def for_inbox(self) -> str:
        """All of it as one text, for whoever works on it later: see `from_inbox`."""
        return json.dumps({**asdict(self), "created_at": self.created_at.timestamp()})


def from_inbox(text: str) -> Incoming:
    """What `for_inbox` wrote: the platform's message is read once, at the door."""
    if not text.startswith('{"kind": '):
        return read_message(text)  # kept as it came, before this was how messages are kept
    values = json.loads(text)
    created_at = datetime.fromtimestamp(values["created_at"], UTC)
    return Incoming(**{**values, "created_at": created_at, "entries": tuple(values["entries"])})


def read_message(raw: str) -> Incoming:
    """Read a decrypted message, XML or JSON. Raises Malformed."""
    fields = fields_of(raw)
    openid, created = text_of(fields, "FromUserName"), text_of(fields, "CreateTime")
    kind = text_of(fields, "MsgType").lower()
    if not kind or not openid:
        raise Malformed("MsgType or FromUserName is missing")
    if not re.fullmatch(r"[0-9]{1,11}", created):
        raise Malformed("CreateTime is not a number of seconds")
    msg_id = text_of(fields, "MsgId")
    entries = _entries(fields)
    return Incoming(
        kind=kind,
        msg_id=msg_id or None,
        dedupe_key=_dedupe_key(fields, msg_id, entries),
        openid=(kind == "event" and text_of(fields, "OpenID")) or openid,
        created_at=datetime.fromtimestamp(int(created), UTC),
        text=text_of(fields, "Content"),
        menu_choice_id=text_of(fields, "bizmsgmenuid"),
        event=text_of(fields, "Event").lower(),
        event_key=text_of(fields, "EventKey"),
        job_msgid=text_of(fields, "MsgID"),
        job_status=text_of(fields, "Status"),
        entries=entries,
        revoked=text_of(fields, "RevokeInfo"),
    )


def fields_of(raw: str) -> dict[str, Any]:
    """The fields of a message; XML entities are refused by the parser. Raises Malformed."""
    if raw.lstrip().startswith("{"):
        return _json_fields(raw)
    try:
        parsed = xmltodict.parse(NOT_TEXT.sub("", raw))
    except (ExpatError, ValueError) as error:
        raise Malformed(f"not XML: {type(error).__name__}") from None
    fields = parsed.get("xml")
    if not isinstance(fields, dict):
        raise Malformed("no <xml> element with fields")
    return fields


def _json_fields(raw: str) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = json.loads(raw, strict=False)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {type(error).__name__}") from None
    return fields


def _entries(fields: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    """What a subscribe event lists: one node is an object, several are an array."""
    around = next((fields[name] for name in WRAPPERS if name in fields), fields)
    if not isinstance(around, dict):
        raise Malformed("the event has no list")
    listed = around.get("List") or []
    nodes = listed if isinstance(listed, list) else [listed]
    if not all(isinstance(node, dict) for node in nodes):
        raise Malformed("List holds something else than nodes")
    return tuple({name: text_of(node, name) for name in node} for node in nodes)


def text_of(fields: dict[str, Any], name: str) -> str:
    """The text of a field, empty when it is not there; without what JSON can write and neither XML
    nor the database takes. Raises Malformed for nested ones."""
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # JSON knows numbers
    if not isinstance(value, str):
        raise Malformed(f"{name} is not a text")
    return NOT_TEXT.sub("", value)


def _dedupe_key(fields: dict[str, Any], msg_id: str, entries: tuple[Mapping[str, str], ...]) -> str:
    """Of a message its sender and number, since two people may have one number; of an event all
    that sets it apart from another one of the same second. Hashed: a key names nobody."""
    numbered = re.fullmatch(r"[0-9]{1,20}", msg_id) is not None
    names = ("FromUserName", "MsgId") if numbered else EVENT_KEY
    listed = sorted(node.get("TemplateId", "") + node.get("MsgID", "") for node in entries)
    parts = "\x1f".join([*(text_of(fields, name) for name in names), *listed])
    return f"{'msg' if numbered else 'event'}:{hashlib.sha256(parts.encode()).hexdigest()}"
