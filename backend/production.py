"""What production refuses: a rule for each kind of setting, whatever the value was mistaken for.

A secret must be one that nobody guesses, a name of the platform's have its shape, an address lead
to a server that is named and locked; nothing may be left from the sandbox, and no two may be alike.
No sentence quotes a value.
"""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# What a guess must cost at least, in bits, as its letters and the steps between them tell.
BITS_OF_A_KEY = 96
BITS_OF_A_PASSWORD = 40
LEAST_KEY = 32  # characters
LEAST_PASSWORD = 16
SEED = 42  # letters of a signing key that are chance; those before them say what it is
LEAST_TOKEN = 16  # the platform takes from 3 to 32 letters and digits

SHAPES = {
    "checkpoint_key": r"[A-Za-z0-9+/]{64}",
    "service_appid": r"wx[0-9a-f]{16}",
    "mini_appid": r"wx[0-9a-f]{16}",
    "service_secret": r"[0-9a-f]{32}",
    "mini_secret": r"[0-9a-f]{32}",
    "service_token": rf"[A-Za-z0-9]{{{LEAST_TOKEN},32}}",
    "mini_token": rf"[A-Za-z0-9]{{{LEAST_TOKEN},32}}",
    "service_aes_key": r"[A-Za-z0-9+/]{43}",
    "mini_aes_key": r"[A-Za-z0-9+/]{43}",
}
LEAST_BITS = {
    "secret_key": BITS_OF_A_KEY,
    "checkpoint_key": BITS_OF_A_KEY,
    "service_secret": BITS_OF_A_PASSWORD,
    "mini_secret": BITS_OF_A_PASSWORD,
    "service_token": BITS_OF_A_PASSWORD,
    "mini_token": BITS_OF_A_PASSWORD,
    "service_aes_key": BITS_OF_A_KEY,
    "mini_aes_key": BITS_OF_A_KEY,
}
TEMPLATE_ID = r"[A-Za-z0-9_-]{43}"
PLATFORM = "weixin.qq.com"
LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
HOST_NAME = re.compile(rf"{LABEL}(\.{LABEL})*\.[a-z][a-z0-9-]+")
NOBODY_S = ("localhost", "local", "internal", "invalid", "test", "lan", "localdomain")
FILES_OF_CERTIFICATES = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
CHECKED_CERTIFICATES = ("verify-ca", "verify-full")


def faults(texts: Mapping[str, str], sandbox: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What must not reach production: the setting's name and a sentence, one for each fault.

    `texts` are the settings that are texts or secrets, `sandbox` what they are by default.
    """
    for name in ("secret_key", *SHAPES):
        if name == "checkpoint_key" and not texts[name]:
            continue  # whoever signs asks for it
        if fault := _secret_fault(name, texts[name], sandbox[name]):
            yield name, fault
    if texts["old_secret_key"] and (fault := _old_key_fault(texts, sandbox)):
        yield "old_secret_key", fault
    yield from _alike(texts)
    for name, judge in (
        ("wechat_url", _platform_fault),
        ("public_url", _web_fault),
        ("database_url", _database_fault),
        ("owner_database_url", _database_fault),
        ("redis_url", _redis_fault),
    ):
        if fault := judge(texts[name]):
            yield name, fault


def template_faults(ids: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with ids of templates from the console of the platform."""
    if wrong := [key for key, found in ids.items() if not re.fullmatch(TEMPLATE_ID, found)]:
        yield f"{', '.join(sorted(wrong))}: not the 43 characters that the console shows"
    if len(set(ids.values())) < len(ids):
        yield "two templates have one id"


def weak(text: str, least_bits: float) -> bool:
    """Whether a text is easily guessed: few letters, a row of neighbours, or a piece repeated."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    bits = len(text) * min(_bits_each(text), _bits_each(steps))
    return bits < least_bits or text in (text + text)[1:-1]


def _bits_each(things: str | list[int]) -> float:
    counts = Counter(things).values()
    total = sum(counts)
    return sum(-count / total * math.log2(count / total) for count in counts)


def _secret_fault(name: str, text: str, of_the_sandbox: str) -> str | None:
    if not text.strip():
        return "is blank"
    if _plain(of_the_sandbox) in _plain(text):
        return "is the sandbox default"
    if not all("!" <= letter <= "~" for letter in text):
        return "holds a blank, or what is no plain letter, digit or sign"
    if name == "secret_key" and len(text) < LEAST_KEY:
        return f"is shorter than {LEAST_KEY} characters"
    if name in SHAPES and not re.fullmatch(SHAPES[name], text):
        return "does not have the shape of one of the platform's"
    if weak(text[-SEED:] if name == "checkpoint_key" else text, LEAST_BITS.get(name, 0)):
        return "is easily guessed: make it by a generator"
    return None


def _old_key_fault(texts: Mapping[str, str], sandbox: Mapping[str, str]) -> str | None:
    """It may be short or easily guessed, which is a reason to change it; it must be what it was."""
    text = texts["old_secret_key"]
    if not text.strip():
        return "is blank"
    if _plain(sandbox["secret_key"]) in _plain(text):
        return "is the sandbox default"
    if not all("!" <= letter <= "~" for letter in text):
        return "holds a blank, or what is no plain letter, digit or sign"
    return None


def _plain(text: str) -> str:
    """Letters and digits alone, however they are dressed up."""
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _alike(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    by_text: dict[str, str] = {}
    for name in ("secret_key", *SHAPES, "old_secret_key"):
        text = texts[name].strip()
        if text and text in by_text:
            yield name, f"is the same as TIBAO_{by_text[text].upper()}"
        by_text.setdefault(text, name)


def _web_fault(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return "is not https"
    if not _has_a_name(parts):
        return "does not name a public host"
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        return "is more than https:// and a host"
    return None


def _platform_fault(url: str) -> str | None:
    host = urlsplit(url).hostname or ""
    if _web_fault(url) or not host.endswith("." + PLATFORM):
        return f"is not the platform's https address, a host of {PLATFORM}"
    return None


def _has_a_name(parts: SplitResult) -> bool:
    """Whether the host is a name that can be known outside: no address, in whatever spelling."""
    host = parts.hostname or ""
    return bool(HOST_NAME.fullmatch(host)) and host.rpartition(".")[2] not in NOBODY_S


def _database_fault(url: str) -> str | None:
    parts = urlsplit(url)
    host, options = _server(parts)
    if _is_socket(host):
        return None  # its folder says who may connect, and as whom
    if fault := _password_fault(parts):
        return fault
    if not _is_this_machine(host) and options.get("sslmode") not in CHECKED_CERTIFICATES:
        return "is not encrypted: add ?sslmode=verify-full"
    return None


def _redis_fault(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return None  # its folder says who may connect
    _, options = _server(parts)
    if fault := _password_fault(parts):
        return fault
    if parts.scheme != "rediss" and not _is_this_machine(parts.hostname or ""):
        return "is not encrypted: use rediss://"
    if options.keys() - FILES_OF_CERTIFICATES:
        return "holds options; only files of certificates may stand there"
    return None


def _server(parts: SplitResult) -> tuple[str, Mapping[str, str]]:
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = options.get("hostaddr", options.get("host", parts.hostname or ""))
    return host, options


def _is_socket(host: str) -> bool:
    return host == "" or host.startswith("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _password_fault(parts: SplitResult) -> str | None:
    password = unquote(parts.password or "")
    if not password:
        return "has no password"
    if len(password) < LEAST_PASSWORD or weak(password, BITS_OF_A_PASSWORD):
        return f"has a password that is easily guessed, or shorter than {LEAST_PASSWORD} characters"
    return None
