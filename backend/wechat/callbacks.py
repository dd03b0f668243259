"""What the platform pushes to us: proved, decrypted and read; no Flask, no database.

Two failures only. Forbidden: the request does not prove that the platform sent it (answer 403,
store nothing). Malformed: the platform sent it and we cannot read it (answer 200, keep the body as
an unreadable callback). Everything read successfully is answered with `success` at once and worked
on later.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from backend.wechat.incoming import Incoming, Malformed, fields_of, read_message, text_of

BODY_LIMIT_BYTES = 64 * 1024
FRESH_SECONDS = 300
ANSWER = "success"


class Forbidden(Exception):
    """Not proved to come from the platform: answer 403 and store nothing."""


class TooLong(Forbidden):
    """Longer than anything that the platform sends: answer 413, whoever sent it."""


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


def open_callback(
    credentials: Credentials, query: Mapping[str, str], body: bytes, now: datetime
) -> Incoming:
    """Prove, decrypt and read one callback in safe mode; `now` is business time, aware.

    Until the signature over the ciphertext holds, everything wrong is Forbidden; after it,
    Malformed.
    """
    if len(body) > BODY_LIMIT_BYTES:
        raise TooLong("body larger than 64 KiB")
    _check_fresh(query, now)
    if "signature" in query:
        _check_signature(query["signature"], credentials.token, query)
    try:
        encrypted = text_of(fields_of(body.decode("utf-8", "replace")), "Encrypt")
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
