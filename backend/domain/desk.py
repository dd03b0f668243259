"""Signing in to the officers' desk (工作台) with the phone: how long things hold, and which number
the phone asks for. Pure.

Everything here is ours: the plans say nothing of how an office signs in.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, ip_address

CODE_LASTS = timedelta(minutes=2)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# What was typed when a session had ended is kept so long, and so is which session it was.
DRAFTS_LAST = timedelta(days=1)
CHOICES = 3
LEAST, MOST = 10, 99
# What a User-Agent says: the first that fits. Kylin and UOS call themselves Linux, too.
SYSTEMS = (
    ("Windows", "Windows"),
    ("Kylin", "银河麒麟"),
    ("UOS", "统信 UOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
BROWSERS = (
    (r"Edg/(\d+)", "Edge"),
    (r"(?:QIHU|360SE|360EE)()", "360"),
    (r"Firefox/(\d+)", "Firefox"),
    (r"Chrome/(\d+)", "Chrome"),
    (r"Version/(\d+).*Safari", "Safari"),
)


class SignInOutcome(StrEnum):
    """What became of a code that a phone saw."""

    CONFIRMED = "confirmed"
    WRONG_NUMBER = "wrong_number"
    NOT_ENTITLED = "not_entitled"


def numbers(seed: bytes) -> tuple[int, ...]:
    """The different numbers of two digits that the phone shows, in the order in which it does.

    `seed` is a keyed hash of the code, of 32 bytes: who sees the code alone knows none of them.
    """
    found: list[int] = []
    for byte in seed[1:]:
        each = LEAST + byte % (MOST - LEAST + 1)
        if each not in found:
            found.append(each)
        if len(found) == CHOICES:
            return tuple(found)
    raise ValueError("a hash whose bytes are nearly all the same")


def shown_number(seed: bytes) -> int:
    """The one of `numbers` that stands on the desk's own screen: whoever confirms looks there, so
    that a code which somebody else sent them opens nothing."""
    return numbers(seed)[seed[0] % CHOICES]


def place_of(address: str, browser: str) -> str:
    """Where a PC is, for whoever signed in there to know it again: the part of the network without
    the PC itself, the system and the browser, as far as its User-Agent says them."""
    found = [names for words, names in SYSTEMS if words in browser][:1]
    for pattern, name in BROWSERS:
        if version := re.search(pattern, browser):
            found.append(f"{name} {version[1]}".strip())
            break
    return "，".join([_network(address), *found])


def _network(address: str) -> str:
    try:
        where = ip_address(address)
    except ValueError:
        return "网络不明"
    if isinstance(where, IPv4Address):
        return address.rpartition(".")[0] + ".*"
    return ":".join(where.exploded.split(":")[:3]) + ":*"


def session_end(began_at: datetime, now: datetime) -> datetime:
    """When a session ends that is used now: after half an hour without use, and after twelve hours
    in any case, so that nobody finds an office's PC signed in the next morning."""
    return min(began_at + LONGEST, now + IDLE)
