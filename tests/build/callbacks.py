"""Callbacks as the platform sends them: its published samples, and ones sealed for us."""

import base64
from datetime import UTC, datetime

from wechatpy.crypto import PrpCrypto

from backend.wechat.callbacks import (
    Credentials,
    signature,
)

# The platform's published samples.
SAMPLE = Credentials(
    "wx2c2769f8efd9abc2", "spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)
SAMPLE_QUERY = {
    "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
    "timestamp": "1409735669",
    "nonce": "1320562132",
}
SAMPLE_NOW = datetime.fromtimestamp(1409735669, UTC)
SAMPLE_BODY = (
    b"<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><Encrypt><![CDATA["
    b"hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PG"
    b"HQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6"
    b"tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp"
    b"3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhv"
    b"Ql+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
    b"]]></Encrypt></xml>"
)
OURS = Credentials(
    "wx5ad00d5ad00d5001", "token-of-ours", "c2FuZGJveGNhbGxiYWNrYWVza2V5c2FuZGJveGtleTA"
)
NOW = datetime(2025, 1, 20, 1, 30, tzinfo=UTC)


def query_for(encrypted: str, at: datetime = NOW, token: str = OURS.token) -> dict[str, str]:
    """The signed query that this encrypted body comes with."""
    timestamp, nonce = str(int(at.timestamp())), "771"
    return {
        "signature": signature(token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": signature(token, timestamp, nonce, encrypted),
    }


def sealed(inner: str, appid: str = OURS.appid) -> str:
    """Encrypted for us."""
    key = base64.b64decode(OURS.encoding_aes_key + "=")
    return str(PrpCrypto(key).encrypt(inner, appid).decode())


def body_of(encrypted: str) -> bytes:
    """What is posted to us."""
    return f"<xml><ToUserName>gh</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()


def message(**fields: str) -> str:
    """A message of somebody, with these fields."""
    whole = {"FromUserName": "oPerson", "CreateTime": "1737336600", "MsgType": "text", **fields}
    return "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in whole.items()) + "</xml>"
