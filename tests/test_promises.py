"""No word of ours makes a promise that depends on a city, unless it stands under a condition."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from backend.domain.city.parse import sourced_values
from backend.store.city_files import load_city
from tests.build.promises import NEVER, PROMISES, broken

ROOT = Path(__file__).parents[1]
# Not ours to the public: the play, the emulator, what operators type, what no longer changes.
ELSEWHERE = (
    "backend/wechat/sandbox",
    "backend/demo",
    "backend/local",
    "backend/commands",
    "backend/store/migrations",
    "backend/http/description.py",  # for developers
    "backend/services/workbooks",  # headings of what the centre fills in
    "backend/wechat/phrases.py",  # what people say to us
)
WORDS, POSTERS = "backend/services/public/words.py", "backend/services/printing/poster_words.py"
NOTICE, BOT = "backend/services/public_notice/notice_text.py", "backend/wechat/replies.py"
# Words under a condition, by file and promise, and what asks. `tests/api/test_bare_city.py` reads
# them in cities that have it switched off.
ASKED: dict[tuple[str, str], str] = {
    ("backend/domain/remedies.py", "remedies"): "objection.remedies",
    ("backend/domain/city/named.py", "remedies"): "names the value",
    ("backend/services/case/followers.py", "remedies"): "objection.remedies",
    (
        "backend/domain/objection.py",
        "objecting on paper",
    ): "CLOSED_WAYS, said in each other's place",
    ("backend/domain/objection.py", "objecting on the phone"): "CLOSED_WAYS",
    ("backend/services/public_notice/objections.py", "objecting on paper"): "objection.channels",
    ("backend/services/public/city_facts.py", "plans are posted"): "route.public_notice",
    ("backend/services/public/city_facts.py", "nobody pays"): "pools(route)",
    ("backend/services/reads/joint.py", "plans are posted"): "route.public_notice",
    (WORDS, "no vote"): "route.vote",
    (WORDS, "plans are posted"): "route.public_notice",
    (POSTERS, "no vote"): "route.vote",
    (POSTERS, "nobody pays"): "pools(route)",
    (POSTERS, "plans are posted"): "route.public_notice",
    (POSTERS, "insurers are compared"): "insurer.criteria",
    (POSTERS, "weekends move the end"): "roll_weekends",
    (NOTICE, "objecting on paper"): "objection.channels",
    (NOTICE, "objecting on the phone"): "objection.channels",
    (BOT, "the committee decides"): "approval.asked_for",
    ("docs/help/owner.md", "objecting on paper"): "says itself where the city takes paper",
    ("docs/help/owner.md", "remedies"): "says itself that the city tells them",
    ("docs/help/reviewer.md", "remedies"): "says itself that the city tells them",
    ("miniprogram_stub/pages/about/about.wxml", "objecting on paper"): "onPhone",
    ("miniprogram_stub/pages/object/object.wxml", "objecting on paper"): "onPaper",
    ("miniprogram_stub/pages/notice/notice.wxml", "insurers are compared"): "criteria.length",
}


def ours(pattern: str, folder: str) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(ELSEWHERE) and "node_modules" not in name:
            yield path


def python_words(path: Path) -> Iterator[str]:
    """Every text of a module but its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in described:
            yield node.value if isinstance(node.value, str) else ""


def script_words(path: Path) -> Iterator[str]:
    """The lines of a script without its comments."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    for line in text.splitlines():
        yield re.sub(r"(^|\s)//.*", "", line)


def plain_words(path: Path) -> Iterator[str]:
    yield from path.read_text("utf-8").splitlines()


@cache
def written() -> frozenset[tuple[str, str, str]]:
    """Everything written: file, promise, the words around it."""
    readers = [
        *((path, python_words) for path in ours("*.py", "backend")),
        *((path, plain_words) for path in ours("*.html", "backend")),
        *((path, plain_words) for path in ours("*.wxml", "miniprogram_stub")),
        *((path, script_words) for path in ours("*.ts", "miniprogram_stub")),
        *((path, plain_words) for path in ours("*.md", "docs/help")),
    ]
    return frozenset(
        (path.relative_to(ROOT).as_posix(), promise, around)
        for path, read in readers
        for words in read(path)
        for promise, _, around in (each.partition(": ") for each in broken(words, set()))
    )


def test_no_page_message_poster_or_answer_promises_without_a_condition() -> None:
    loose = [each for each in sorted(written()) if each[:2] not in ASKED]
    assert loose == []


def test_what_stands_under_a_condition_is_still_there() -> None:
    assert ASKED.keys() - {each[:2] for each in written()} == set()


@pytest.mark.parametrize(
    "planted",
    [
        "每笔账都可查",
        "扫码随时查账",
        "派专业人员监督维保",
        "我们保证赔付",
        "接到报修30分钟内到场",
        "24小时热线",
        "中心在5个工作日内书面答复",
        "公开招标选定",
        "不用业主表决",
        "可以申请行政复议",
        "有了结果短信通知您",
    ],
)
def test_a_promise_that_somebody_writes_is_found(planted: str) -> None:
    assert list(broken(f"本梯已投保。{planted}。", set()))


def test_each_promise_is_switched_by_a_value_that_cities_have() -> None:
    city = load_city("jishou")
    names = {name for name, _ in sourced_values(city)}
    for promise in PROMISES:
        if promise.switch != NEVER:
            first, _, rest = promise.switch.partition(".")
            assert any((n.startswith(first) and n.endswith(rest)) or rest in n for n in names)
