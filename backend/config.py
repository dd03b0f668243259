"""Settings from the environment, typed and checked once at start.

Every name is read as `TIBAO_<NAME>` from the environment, then from a file `.env` (`NAME=value`,
one a line). In sandbox mode a running local stack says the rest: it keeps its addresses in
`DATA_DIR/stack.env`, so that `tibao posters` beside it finds it wherever its ports are. In
`TIBAO_MODE=production` anything unsafe refuses to start. Most programs check no other input than
this, so that a library for it would be loaded for this alone.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints
from urllib.parse import urlsplit

from backend import production

Mode = Literal["sandbox", "production"]
Reader = Callable[[str], Any]

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
LOCAL_OWNER = "tibao_owner"  # who owns the tables on a local server
YES_OR_NO = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
# 48 bytes in base64: 16 that say what it is, and the key itself.
SIGNING_KEY = "MC4CAQAwBQYDK2VwBCIEI[A-P][A-Za-z0-9+/]{42}"
AES_KEYS = ("service_aes_key", "mini_aes_key")
BOUNDS = {
    "api_port": (1, 65535),
    "desk_port": (1, 65535),
    "proxy_hops": (0, 8),
    "wechat_timeout_seconds": (0.1, 60),
}
WEB = ("http", "https")
ADDRESSES = {
    "database_url": ("postgresql+psycopg",),
    "owner_database_url": ("postgresql+psycopg",),
    "redis_url": ("redis", "rediss", "unix"),
    "public_url": WEB,
    "wechat_url": WEB,
}
UNENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})|\s")  # the database's library quotes what stands there
UNSAID = ("public_url", "owner_database_url")  # they may be left open
# What the sandbox signs with; known to everybody.
TRIAL_SIGNING_KEY = "MC4CAQAwBQYDK2VwBCIEIOvhd6cyliM43swthHZ8n7/saKA8BZlBrC7S1lIcDOCZ"
# Where a local stack stands; it may stand elsewhere when nobody said where.
PLACES = ("api_port", "desk_port", "public_url", "wechat_url", "database_url", "redis_url")


class BadSettings(Exception):
    """The environment does not make usable settings; the message says which name and why."""


class Secret:
    """A text that shows in no log and no message, and in no copy that a library makes of fields."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def get_secret_value(self) -> str:
        """The text itself, for whoever needs it."""
        return self.__text

    def __repr__(self) -> str:
        return "Secret()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.__text == other.__text

    def __hash__(self) -> int:
        return hash(self.__text)


@dataclass(frozen=True)
class Settings:
    """Everything a process of the house needs to know from outside.

    Raises BadSettings for values that do not go together or are out of bounds.
    """

    mode: Mode = "sandbox"
    city: str = "jishou"  # the name of a file in backend/cities, without .toml
    # Addresses of servers can hold a password.
    database_url: str = field(default="postgresql+psycopg://tibao@127.0.0.1:5433/tibao", repr=False)
    # The same database for the owner of its tables: for `tibao migrate` alone.
    owner_database_url: str = field(default="", repr=False)
    redis_url: str = field(default="redis://127.0.0.1:6380/0", repr=False)
    data_dir: Path = Path("var")  # uploads and the local servers' own data
    # Session, search-hash and field-encryption keys derive from it.
    secret_key: Secret = Secret("sandbox-only-secret-never-use-this-in-production")
    # The one before, which opens and seals nothing: until `tibao keys rotate` is done.
    old_secret_key: Secret = Secret("")
    # Signs the checkpoints of the audit chain: Ed25519, as openssl writes it (SECURITY.md). For the
    # cron and `tibao audit export` alone.
    checkpoint_key: Secret = Secret("")
    # The city's own 仿宋, 小标宋 and 黑体 for the documents that it signs: licensed per machine.
    document_fonts: Path | None = None
    debug: bool = False
    # A settable clock, in sandbox mode only; there it is DATA_DIR/clock by default.
    clock_file: Path | None = None

    api_host: str = "127.0.0.1"
    api_port: int = 8400
    public_url: str = ""  # how people reach the API; by default its port on this machine
    desk_port: int = 8402  # of the officers' desk, on the same host
    proxy_hops: int = 0  # how many proxies of ours add to X-Forwarded-For

    wechat_url: str = "http://127.0.0.1:8401"  # the platform's host
    wechat_timeout_seconds: float = 5.0
    service_appid: str = "wx5ad00d5ad00d5001"
    service_secret: Secret = Secret("sandbox-service-secret")
    service_token: Secret = Secret("sandboxcallbacktoken")
    service_aes_key: Secret = Secret("c2FuZGJveGNhbGxiYWNrYWVza2V5c2FuZGJveGtleTA")
    mini_appid: str = "wx5ad00d5ad00d5002"
    mini_secret: Secret = Secret("sandbox-mini-secret")
    mini_token: Secret = Secret("sandboxminitoken")
    mini_aes_key: Secret = Secret("c2FuZGJveG1pbmlwcm9ncmFtYWVza2V5c2FuZGJveG1")
    # JSON: template key → the id from the account's console; for production.
    template_ids: Mapping[str, str] = field(default_factory=dict)
    # The same for the subscribe messages of the mini-program.
    subscribe_template_ids: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot work; in the sandbox every process follows the same clock."""
        problems = list(self._problems())
        if not problems and not self.sandbox and (unsafe := list(self._unsafe())):
            problems = ["refusing to start in production: " + "; ".join(unsafe)]
        if problems:
            raise BadSettings("; ".join(problems))
        if not self.public_url:
            object.__setattr__(self, "public_url", address(self.api_port))
        if self.sandbox and self.clock_file is None:
            object.__setattr__(self, "clock_file", self.data_dir / "clock")

    @property
    def sandbox(self) -> bool:
        """Whether the emulator stands in for the platform."""
        return self.mode == "sandbox"

    def signing_key(self) -> str:
        """What signs checkpoints; raises BadSettings in production where it is not said."""
        if key := self.checkpoint_key.get_secret_value():
            return key
        if self.sandbox:
            return TRIAL_SIGNING_KEY
        words = "请设置，定时任务和审计导出用它签检查点 / the cron and `audit export` sign with it"
        raise BadSettings(f"{variable('checkpoint_key')}: {words}")

    def _problems(self) -> Iterator[str]:
        for name, (low, high) in BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                yield f"{variable(name)}: 应在 {low} 到 {high} 之间 / must be from {low} to {high}"
        for name, schemes in ADDRESSES.items():
            if name in UNSAID and not getattr(self, name):
                continue  # it will be ours
            if problem := _wrong_with(getattr(self, name), schemes):
                yield f"{variable(name)}: {problem}"
        for name in AES_KEYS:
            if not re.fullmatch("[A-Za-z0-9+/]{43}", getattr(self, name).get_secret_value()):
                words = "must be the 43 characters that the platform's console shows"
                yield f"{variable(name)}: {words}"

        key = self.checkpoint_key.get_secret_value()
        if key and not re.fullmatch(SIGNING_KEY, key):
            yield f"{variable('checkpoint_key')}: 应是 Ed25519 私钥 / must be an Ed25519 key"
        if self.document_fonts is not None and not self.document_fonts.is_dir():
            yield f"{variable('document_fonts')}: 没有这个文件夹 / is no folder"

    def _unsafe(self) -> Iterator[str]:
        """What must not reach production, one sentence each."""
        texts, defaults = (
            {name: _text_of(getattr(one, name)) for name, kind in KINDS.items() if kind in TEXTS}
            for one in (self, type(self))
        )
        defaults["checkpoint_key"] = TRIAL_SIGNING_KEY
        for name, fault in production.faults(texts, defaults):
            yield f"{variable(name)} {fault}"
        for name in ("template_ids", "subscribe_template_ids"):
            for fault in production.template_faults(getattr(self, name)):
                yield f"{variable(name)} {fault}"
        if not self.data_dir.is_absolute():
            yield "TIBAO_DATA_DIR is not a whole path"
        if self.document_fonts is not None and not self.document_fonts.is_absolute():
            yield "TIBAO_DOCUMENT_FONTS is not a whole path"
        if self.clock_file is not None:
            yield "TIBAO_CLOCK_FILE sets a settable clock"
        if self.debug:
            yield "TIBAO_DEBUG is on"
        if self.proxy_hops == 0:
            yield "TIBAO_PROXY_HOPS names no proxy, so that all who come by one count as one"


KINDS = get_type_hints(Settings)
TEXTS = (str, Secret)


def _text_of(value: str | Secret) -> str:
    return value.get_secret_value() if isinstance(value, Secret) else value


def _wrong_with(url: str, schemes: Sequence[str]) -> str | None:
    """What is wrong with an address, never quoting it: it can hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = None, None
    if parts is None or parts.scheme not in schemes or (schemes is WEB and not parts.hostname):
        return f"应是 {' 或 '.join(schemes)}:// 开头的地址 / must be such an address"
    if parts.netloc.count("@") > 1 or port == 0 or UNENCODED.search(url):
        return "密码里的 @ : / % 空格要写成 %40 %3A %2F %25 %20 / percent-encode the password"
    return None


def address(port: int) -> str:
    """The web address of a port of this machine."""
    return f"http://127.0.0.1:{port}"


def given() -> dict[str, str]:
    """What the environment and `.env` say, by variable; the settings are among it."""
    return {**_in_file(Path(".env")), **{k: v for k, v in os.environ.items() if v}}


def load_settings() -> Settings:
    """Read and check the settings; raises BadSettings with one clear line."""
    settings = _read(given())
    beside = _in_file(stack_file(settings.data_dir)) if settings.sandbox else {}
    return _read({**beside, **given()}) if beside else settings


def stack_file(data_dir: Path) -> Path:
    """Where the local stack on this data says what its addresses are while it runs."""
    return data_dir / "stack.env"


def _read(texts: Mapping[str, str]) -> Settings:
    values, problems = {}, []
    for name, kind in KINDS.items():
        if text := texts.get(variable(name)):
            try:
                values[name] = READERS[kind](text)
            except ValueError as error:
                problems.append(f"{variable(name)}: {error}")
    if problems:
        raise BadSettings("; ".join(problems))
    return Settings(**values)


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, changed so that a child's settings are the same as these."""
    values = {}
    for name in KINDS:
        value = getattr(settings, name)
        if isinstance(value, Secret):
            value = value.get_secret_value()
        if isinstance(value, Mapping):
            value = json.dumps(value)
        values[variable(name)] = "" if value is None else str(value)
    return {**os.environ, **values}


def variable(name: str) -> str:
    """What a setting is called in the environment."""
    return f"TIBAO_{name.upper()}"


def _number(kind: Callable[[str], float]) -> Reader:
    def read(text: str) -> float:
        try:
            return kind(text)
        except ValueError:
            raise ValueError("应是数字 / must be a number") from None

    return read


def _yes_or_no(text: str) -> bool:
    if text.lower() not in YES_OR_NO:
        raise ValueError("应是 true 或 false / must be true or false")
    return YES_OR_NO[text.lower()]


def _mode(text: str) -> str:
    if text not in get_args(Mode):
        raise ValueError(f"应是 {' 或 '.join(get_args(Mode))} / must be one of these")
    return text


def _table(text: str) -> Mapping[str, str]:
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise ValueError("应是值为文字的 JSON 对象 / must be a JSON object of texts")
    return table


# How a text becomes a value of each kind; what a ValueError says never quotes the text.
READERS: Mapping[Any, Reader] = {
    str: str,
    int: _number(int),
    float: _number(float),
    bool: _yes_or_no,
    Mode: _mode,
    Path: Path,
    Path | None: Path,
    Secret: Secret,
    Mapping[str, str]: _table,
}


def _in_file(path: Path) -> dict[str, str]:
    """The lines of a file that say `NAME=value`, perhaps after `export`.

    The value is everything after the sign, blanks around it and one pair of quotes left away; a
    line that begins with `#` says nothing. Raises BadSettings for any other line.
    """
    if not path.is_file():
        return {}
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSettings(f"{path}: 应是 UTF-8 文字 / must be UTF-8") from None
    values = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if not sign or not re.fullmatch(r"\s*[A-Za-z_][A-Za-z0-9_]*\s*", name):
            raise BadSettings(f"{path}:{number}: 应写成 NAME=value / must be NAME=value")
        value = value.strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        values[name.strip()] = value[1:-1] if quoted else value
    return values
