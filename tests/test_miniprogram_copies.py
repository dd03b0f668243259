"""What the mini-program must know without asking is what the service says: texts, forms, limits.

The phone has no network when somebody is trapped, and says at once that a text is too long; so it
holds copies. Whatever is copied is compared here; all other words come from the API.
"""

import inspect
import json
import re
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import ValidationError

from backend.api.public.light_pages import FOLDED_FROM
from backend.api.residents.me import PhoneIn
from backend.domain.city.schema import DEFAULT_ADVICE, DEFAULT_PHONE
from backend.domain.local_time import SHANGHAI, local_date, midnight_after
from backend.domain.money import yuan
from backend.domain.names import MAX_NAME
from backend.domain.objection import ObjectionStatus, Publication
from backend.domain.public_notice import FRAMINGS, MOMENTS, NoticeState
from backend.domain.roles import Role
from backend.domain.states import State
from backend.domain.texts import REASON_LIMIT
from backend.domain.tokens import ALPHABET, TOKEN_LENGTH, is_token, meant, token_text
from backend.domain.verification import VerificationState
from backend.domain.wording import deductible, plain_day, until
from backend.pictures.signatures import is_signed
from backend.services.messages.follows import SUBSCRIPTIONS
from backend.services.people import rectification_requests
from backend.services.public.lift_tokens import printed_address
from backend.services.public.lifts import NUMBER
from backend.services.public.words import first_of
from backend.services.public_notice.photos import MOST_PHOTOS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "miniprogram_stub"
SAY = ROOT / "tests" / "miniprogram" / "say.mjs"
SITE = "https://tibao.example.cn"

pytestmark = pytest.mark.xdist_group("miniprogram")


def source(name: str) -> str:
    return (SOURCE / name).read_text("utf-8")


def found(pattern: str, name: str) -> list[Any]:
    """Every match in a file of the mini-program; there is one at least."""
    matches = re.findall(pattern, source(name))
    assert matches, f"{name}: {pattern}"
    return matches


def answers(node: str, *questions: list[Any]) -> Any:
    """What functions of the mini-program's library answer: module, name, arguments."""
    done = subprocess.run(
        [node, str(SAY)],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(done.stdout)


def test_the_advice_for_people_who_are_trapped_is_the_same() -> None:
    assert found(r"phone: '(.+)'", "lib/emergency.ts") == [DEFAULT_PHONE.value]
    assert found(r"text: '(.+)'", "lib/emergency.ts") == [DEFAULT_ADVICE.value]


def test_both_take_the_same_codes_for_codes(node: str) -> None:
    good = token_text(bytes(range(16)))
    codes = [good, token_text(b"\xff" * 16), good.upper(), good[:-1], f"{good}0", "", "é" * 26]
    codes += [letter + good[1:] for letter in map(chr, range(33, 127))]
    assert len(ALPHABET) == 32
    assert len(good) == TOKEN_LENGTH
    said = answers(
        node, *(["codes", "tokenOf", {"scene": code.replace("%", "%25")}] for code in codes)
    )
    assert [code is not None for code in said] == [is_token(code) for code in codes]
    printed = printed_address(SITE, good)
    assert answers(node, ["codes", "tokenOfScan", printed]) == [good]


def test_both_read_what_stands_behind_a_code_alike(node: str) -> None:
    good = token_text(bytes(range(16)))
    codes = [
        f"{good}{more}" for more in ("", "/", "//", "?from=x", "/?a=1", "&b=2", "#c", "x", "/x")
    ]
    codes += [quote(code, safe="") for code in codes]
    said = answers(node, *(["codes", "tokenOf", {"scene": code}] for code in codes))
    assert said == [meant(code) if is_token(meant(code)) else None for code in codes]


def test_the_first_thing_to_do_when_trapped_is_the_same(node: str) -> None:
    texts = [DEFAULT_ADVICE.value, "按铃。等人来", "别动；等", "别动"]
    cities = [first_of(text) for text in texts]
    assert answers(node, *(["emergency", "firstAdvice", text] for text in texts)) == cities


def test_lists_are_folded_from_the_same_length() -> None:
    assert found(r"const FOLDED_FROM = (\d+)", "lib/fold.ts") == [str(FOLDED_FROM)]


def test_a_signature_is_judged_by_the_same_share_of_the_paper() -> None:
    judged = re.search(r"max\(ink\.size\) / (\d+)", inspect.getsource(is_signed))
    assert judged
    assert found(r"const PARTS = (\d+)", "lib/ink.ts") == [judged[1]]


def test_both_take_the_same_numbers_for_notices() -> None:
    [form] = found(r"const NUMBER = /\^(.+)\$/", "pages/notice/notice.ts")
    assert form == NUMBER.pattern


def test_limits_are_those_of_the_service() -> None:
    assert found(r"const LONGEST = (\d+)", "pages/data/data.ts") == [
        str(rectification_requests.MAX_TEXT)
    ]
    assert found(r'maxlength="(\d+)"', "pages/committee/committee.wxml") == [str(REASON_LIMIT)]
    assert set(found(r'maxlength="(\d+)"', "components/tb-verify/tb-verify.wxml")) == {
        str(MAX_NAME)
    }
    assert found(r'max="\{\{(\d+)\}\}"', "pages/object/object.wxml") == [str(MOST_PHOTOS)]
    [longest] = found(r'type="text" maxlength="(\d+)"', "pages/mine/mine.wxml")
    assert PhoneIn(phone="1" * int(longest)).phone
    with pytest.raises(ValidationError):
        PhoneIn(phone="1" * (int(longest) + 1))


def test_messages_are_asked_for_by_the_keys_of_the_service() -> None:
    [keys] = found(r"type Key = (.+)", "lib/subscribe.ts")
    assert set(re.findall(r"'(\w+)'", keys)) == set(SUBSCRIPTIONS)


def test_photos_are_called_alike() -> None:
    moments = dict(re.findall(r"moment: '(\w+)', name: '(.+?)'", source("pages/posting/view.ts")))
    framings = dict(re.findall(r"framing: '(\w+)', name: '(.+?)'", source("pages/posting/view.ts")))
    assert framings == FRAMINGS
    assert {key: f"公示{name}" for key, name in moments.items()} == MOMENTS
    captions = found(r"=== '(wide|close|start|end)' \? '(.+?)' : '(.+?)'", "pages/notice/view.ts")
    assert captions == [
        ("start", "开始时", "结束时"),
        ("wide", FRAMINGS["wide"], FRAMINGS["close"]),
    ]


def test_pages_compare_with_words_that_there_are() -> None:
    words = {*State, *NoticeState, *ObjectionStatus, *Publication, *VerificationState, *Role}
    of_the_phone = {
        "sending",
        "done",
        "double",
        "failed",
        "loading",
        "ready",
        "empty",
        "error",
        "fulfilled",
    }
    astray = {
        f"{path.relative_to(SOURCE)}: {word}"
        for path in sorted([*SOURCE.rglob("*.ts"), *SOURCE.rglob("*.wxml")])
        for word in re.findall(
            r"\b(?:state|status|publication|role) === '(\w+)'", path.read_text("utf-8")
        )
        if word not in words | of_the_phone
    }
    assert astray == set()


def test_money_days_and_ends_are_written_alike(node: str) -> None:
    sums = [0, 5, 100, 790740, 123456789, -250]
    days = [date(2024, 2, 29), date(2025, 3, 10), date(2026, 12, 31)]
    ends = [*map(midnight_after, days), datetime(2025, 3, 10, 15, 4, tzinfo=SHANGHAI)]
    around = [
        midnight_after(day) + timedelta(minutes=minutes) for day in days for minutes in (-1, 0, 61)
    ]
    assert answers(node, *(["words", "yuan", fen] for fen in sums)) == [*map(yuan, sums)]
    shown = answers(node, *(["words", "amount", fen] for fen in sums))
    assert [f"{text}元" for text in shown] == [*map(yuan, sums)]
    assert answers(node, *(["words", "deductible", fen] for fen in (0, 5, 50000))) == [
        *map(deductible, (0, 5, 50000))
    ]
    assert answers(node, *(["words", "dated", day.isoformat()] for day in days)) == [
        *map(plain_day, days)
    ]
    assert answers(node, *(["words", "lastMoment", end.isoformat()] for end in ends)) == [
        *map(until, ends)
    ]
    milliseconds = [moment.timestamp() * 1000 for moment in around]
    assert answers(node, *(["words", "today", present] for present in milliseconds)) == [
        local_date(moment).isoformat() for moment in around
    ]


def test_photos_may_be_chosen_as_taken_or_as_the_phone_makes_them_smaller() -> None:
    """Originals alone of today's cameras are more than anybody needs, and than some phones send."""
    calls = {
        path.relative_to(SOURCE).as_posix(): re.findall(
            r"wx\.chooseMedia\(\{(.*?)\bsuccess\b", path.read_text("utf-8"), re.S
        )
        for path in SOURCE.rglob("*.ts")
    }
    asked = {name: found for name, found in calls.items() if found}
    assert set(asked) >= {"components/tb-photos/tb-photos.ts", "pages/posting/posting.ts"}
    for name, found in asked.items():
        for options in found:
            assert "sizeType: ['original', 'compressed']" in options, name
