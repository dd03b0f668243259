"""What the platform pushes to us: proved, decrypted and parsed; no Flask, no database.

Two failures only. Forbidden: the request does not prove that the platform sent it (answer 403,
store nothing). Malformed: the platform sent it and we cannot read it (answer 200, keep the body as
an unreadable callback). Everything read successfully is answered with `success` at once and worked
on later.
A service account pushes XML, a mini-program XML or JSON.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

BODY_LIMIT_BYTES = 64 * 1024
FRESH_SECONDS = 300
ANSWER = "success"

# Characters that XML 1.0 does not allow; the platform passes on what people type.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Around the list of a subscribe event; in JSON there is nothing around it.
WRAPPERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")


class Forbidden(Exception):
    """Not proved to come from the platform: answer 403 and store nothing."""


class Malformed(Exception):
    """The platform sent it, but it cannot be read: answer 200 and keep an unreadable callback."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """What the platform and we share: the appid (WeCom: the corp id), the token, the AES key.

    Raises ValueError when the key is not the 43 characters the platform's console shows.
    """

    appid: str
    token: str
    encoding_aes_key: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9+/]{43}", self.encoding_aes_key):
            raise ValueError("EncodingAESKey must be 43 letters, digits, + or /")

    def decrypt(self, ciphertext: str) -> str:
        """The message inside `ciphertext`. Raises Malformed; Forbidden for another appid."""
        key = base64.b64decode(self.encoding_aes_key + "=")
        try:
            return str(PrpCrypto(key).decrypt(ciphertext, self.appid))
        except InvalidAppIdException:
            raise Forbidden("encrypted for another appid") from None
        except (ValueError, IndexError, struct.error):
            raise Malformed("cannot be decrypted with our key") from None


@dataclass(frozen=True)
class Incoming:
    """One message or event of a person. Texts are empty when the platform sent none.

    `dedupe_key` is the same whenever the platform repeats itself. `menu_choice_id` is the id of a
    tapped choice. `event` is in lower case (`subscribe`, `templatesendjobfinish`, …); kinds and
    events we do not know are kept. `job_msgid` and `job_status` tell how a template message ended.
    `entries` are what a subscribe event lists, one mapping of texts for each template.
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


def open_callback(
    credentials: Credentials, query: Mapping[str, str], body: bytes, now: datetime
) -> Incoming:
    """Prove, decrypt and read one callback in safe mode; `now` is business time, aware.

    Until the signature over the ciphertext holds, everything wrong is Forbidden; after it,
    Malformed.
    """
    _check_fresh(query, now)
    if "signature" in query:
        _check_signature(query["signature"], credentials.token, query)
    if len(body) > BODY_LIMIT_BYTES:
        raise Forbidden("body larger than 64 KiB")
    try:
        encrypted = _text(_fields(body.decode("utf-8", "replace")), "Encrypt")
    except Malformed:
        raise Forbidden("body is not an encrypted message") from None
    if not encrypted:
        raise Forbidden("safe mode, but nothing is encrypted")
    _check_signature(query.get("msg_signature", ""), credentials.token, query, encrypted)
    return read_message(credentials.decrypt(encrypted))


def answer_url_check(credentials: Credentials, query: Mapping[str, str], now: datetime) -> str:
    """The plain text that proves to the platform's console that this address is ours.

    A service account signs the timestamp and wants `echostr` back; WeCom encrypts and signs it.
    Raises Forbidden, or Malformed when it cannot be decrypted.
    """
    _check_fresh(query, now)
    echo = query.get("echostr", "")
    if not echo:
        raise Forbidden("echostr is missing")
    if "msg_signature" in query:
        _check_signature(query["msg_signature"], credentials.token, query, echo)
        return credentials.decrypt(echo)
    _check_signature(query.get("signature", ""), credentials.token, query)
    return echo


def read_message(raw: str) -> Incoming:
    """Read a decrypted message, XML or JSON. Raises Malformed."""
    fields = _fields(raw)
    openid, created = _text(fields, "FromUserName"), _text(fields, "CreateTime")
    kind = _text(fields, "MsgType").lower()
    if not kind or not openid:
        raise Malformed("MsgType or FromUserName is missing")
    if not re.fullmatch(r"[0-9]{1,11}", created):
        raise Malformed("CreateTime is not a number of seconds")
    msg_id = _text(fields, "MsgId")
    entries = _entries(fields)
    return Incoming(
        kind=kind,
        msg_id=msg_id or None,
        dedupe_key=_dedupe_key(fields, msg_id, entries),
        openid=openid,
        created_at=datetime.fromtimestamp(int(created), UTC),
        text=_text(fields, "Content"),
        menu_choice_id=_text(fields, "bizmsgmenuid"),
        event=_text(fields, "Event").lower(),
        event_key=_text(fields, "EventKey"),
        job_msgid=_text(fields, "MsgID"),
        job_status=_text(fields, "Status"),
        entries=entries,
    )


def signature(token: str, *parts: str) -> str:
    """The platform's signature: SHA-1 over the sorted token and parts, in hexadecimal."""
    joined = b"".join(sorted(_bytes(part) for part in (token, *parts)))
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - the platform prescribes SHA-1


def _check_signature(given: str, token: str, query: Mapping[str, str], *more: str) -> None:
    wanted = signature(token, query.get("timestamp", ""), query.get("nonce", ""), *more)
    if not hmac.compare_digest(_bytes(given), _bytes(wanted)):
        raise Forbidden("wrong signature")


def _check_fresh(query: Mapping[str, str], now: datetime) -> None:
    timestamp = query.get("timestamp", "")
    if not re.fullmatch(r"[0-9]{1,11}", timestamp):
        raise Forbidden("timestamp is missing or not a number of seconds")
    if abs(now.timestamp() - int(timestamp)) > FRESH_SECONDS:
        raise Forbidden("timestamp is more than 300 seconds away")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _fields(raw: str) -> dict[str, Any]:
    """The fields of a message; XML entities are refused by the parser. Raises Malformed."""
    if raw.lstrip().startswith("{"):
        return _json_fields(raw)
    try:
        parsed = xmltodict.parse(NOT_XML.sub("", raw))
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
    return tuple({name: _text(node, name) for name in node} for node in nodes)


def _text(fields: dict[str, Any], name: str) -> str:
    """The text of a field, empty when it is not there. Raises Malformed for nested ones."""
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # JSON knows numbers
    if not isinstance(value, str):
        raise Malformed(f"{name} is not a text")
    return value


def _dedupe_key(fields: dict[str, Any], msg_id: str, entries: tuple[Mapping[str, str], ...]) -> str:
    if re.fullmatch(r"[0-9]{1,20}", msg_id):
        return f"msg:{msg_id}"
    # MsgID is the message whose job finished: two may finish in the same second.
    names = ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "TemplateId", "MsgID")
    listed = sorted(node.get("TemplateId", "") + node.get("MsgID", "") for node in entries)
    parts = "\x1f".join([*(_text(fields, name) for name in names), *listed])
    return f"event:{hashlib.sha256(parts.encode()).hexdigest()}"
