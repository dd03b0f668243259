"""The light pages behind the printed codes: the API's words for any camera, without script."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from backend.domain.city.schema import ObjectionChannel
from backend.domain.local_time import SHANGHAI
from backend.domain.typed_table import Sourced
from backend.http.lift_pages import LiftPages
from backend.http.parts import NAME, ApiParts
from backend.services.base.context import Context
from backend.services.public import lift_tokens
from backend.services.public_notice import objections
from backend.services.purchase import registrations
from backend.store.notices import Photo, PublicNotice, PublicNoticePhoto
from backend.store.purchases import CoveragePeriod
from backend.store.registry import Estate
from tests.build.calling import told
from tests.build.clock import ManualClock
from tests.build.counting import Counter
from tests.build.covered import insured_and_a_day_later
from tests.build.village import Village
from tests.build.waiting import eventually

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def token(ctx: Context, village: Village) -> str:
    """The code on the village's first lift."""
    return lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], "首次张贴").token


def number_of(ctx: Context) -> str:
    with ctx.sessions() as tx:
        return tx.scalars(select(PublicNotice.number)).one()


class Outline(HTMLParser):
    """What assistive technology and browsers would find: tags in order, links, loaded addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def values(self, tag: str, name: str) -> list[str]:
        return [value for t, n, value in self.attributes if (t, n) == (tag, name)]


def outline(answer: TestResponse) -> Outline:
    assert answer.status_code == 200, answer.text
    parser = Outline()
    parser.feed(answer.text)
    return parser


def words(answer: TestResponse) -> str:
    """The text of a page without its markup."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>|\s", "", answer.text, flags=re.DOTALL))


def sentences(value: Any) -> Iterator[str]:
    """Every Chinese sentence in an answer of the API."""
    if isinstance(value, dict):
        for part in value.values():
            yield from sentences(part)
    elif isinstance(value, list):
        for part in value:
            yield from sentences(part)
    elif isinstance(value, str) and value.endswith("。"):
        yield re.sub(r"\s", "", value)


def test_an_insured_lift_shows_the_words_of_the_api(
    client: FlaskClient, village: Village, token: str
) -> None:
    insured_and_a_day_later(village)
    data = told(client.get(f"/api/v1/public/lifts/{token}"))
    shown = words(client.get(f"/e/{token}"))
    assert data["headline"] == "这台电梯已投保，保到2026年3月31日24:00。"
    found = list(sentences(data))
    assert len(found) > 6
    for sentence in found:
        assert sentence in shown
    for value in ("示例保险", "PL-1", "示例小区", village.codes[0], "0743-8532500"):
        assert value in shown


def test_a_lift_without_cover_shows_how_to_apply(
    client: FlaskClient, village: Village, token: str
) -> None:
    data = told(client.get(f"/api/v1/public/lifts/{token}"))
    shown = words(client.get(f"/e/{token}"))
    for sentence in [*sentences(data), *data["funding"]["who_may_apply"]]:
        assert sentence in shown


def test_a_posted_notice_is_on_both_pages_with_its_last_moment(
    client: FlaskClient, ctx: Context, village: Village, token: str, clock: ManualClock
) -> None:
    _, notice = village.posted()
    clock.set(datetime(2025, 3, 5, 10, tzinfo=SHANGHAI))
    objections.file_objection(ctx, village.actor("owner0"), notice, "price", "SECRET-WORDS")
    number = number_of(ctx)
    lift, posted = client.get(f"/e/{token}"), client.get(f"/n/{number}")
    assert f"/n/{number}" in outline(lift).values("a", "href")
    data = told(client.get(f"/api/v1/public/notices/{number}"))
    content = data["content"]
    for value in (
        *sentences({k: v for k, v in data.items() if k != "explanation"}),
        content["title"],
        content["cover"]["scope_of_cover"],
        content["account"]["name"],
        "2,600元",
        "保费或保额",
        *village.codes,
    ):
        assert value in words(posted)
    for page in (lift, posted):
        assert "SECRET-WORDS" not in page.text
        assert "暂缓实施" in words(page)


@pytest.mark.parametrize("ways", [("mini_program",), ("paper",)])
def test_the_pages_offer_the_phone_for_objecting_only_where_the_city_takes_it(
    app: Flask, parts: ApiParts, village: Village, token: str, ways: tuple[ObjectionChannel, ...]
) -> None:
    city = parts.ctx.city
    rules = replace(city.objection, channels=Sourced(ways, "default"))
    elsewhere = replace(parts.ctx, city=replace(city, objection=rules))
    app.extensions[NAME] = replace(parts, ctx=elsewhere)
    village.posted()
    for page in (f"/e/{token}", f"/n/{number_of(parts.ctx)}"):
        shown = words(app.test_client().get(page))
        assert "进入“梯保”小程序" in shown
        assert ("可以提出书面异议、收到答复提醒" in shown) is (ways == ("mini_program",))


def test_a_running_notice_explains_its_end(
    client: FlaskClient, ctx: Context, village: Village
) -> None:
    village.posted()
    page = client.get(f"/n/{number_of(ctx)}")
    assert "details" in outline(page).tags
    assert "《民法典》第二百零一条第一款" in words(page)


def test_photos_of_the_notice_are_shown_and_described(
    client: FlaskClient, ctx: Context, village: Village
) -> None:
    village.posted()
    number = number_of(ctx)
    sha256 = ctx.files.put(PICTURE)
    with ctx.sessions() as tx:
        kept = tx.scalars(select(PublicNoticePhoto.file_sha256)).all()
        shown = kept[0]
        if tx.get(Photo, shown) is None:
            tx.add(Photo(file_sha256=shown, width=600, height=800))
        tx.commit()
    page = outline(client.get(f"/n/{number}"))
    url = f"/api/v1/public/notices/{number}/photos/{shown}"
    assert url in page.values("img", "src")
    assert any("公示开始时的" in words for words in page.values("img", "alt"))
    picture = client.get(url)
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.data == ctx.files.read(shown)
    assert client.get(url, headers={"If-None-Match": f'"{shown}"'}).status_code == 304
    # Nothing else of the file store is public, and nothing before it hangs.
    assert client.get(url.replace(shown, sha256)).status_code == 404
    with ctx.sessions() as tx:
        tx.execute(update(PublicNotice).values(state="posting"))
        tx.commit()
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("kind", ["lift", "notice", "calm"])
def test_every_page_is_whole_and_light_without_script(
    client: FlaskClient, ctx: Context, village: Village, token: str, kind: str
) -> None:
    village.posted()
    path = {"lift": f"/e/{token}", "notice": f"/n/{number_of(ctx)}", "calm": "/e/none"}[kind]
    answer = client.get(path)
    parser = Outline()
    parser.feed(answer.text)
    assert parser.values("html", "lang") == ["zh-CN"]
    assert parser.tags.count("h1") == parser.tags.count("main") == parser.tags.count("title") == 1
    headings = [int(tag[1]) for tag in parser.tags if re.fullmatch("h[1-6]", tag)]
    assert all(deeper - above <= 1 for above, deeper in pairwise(headings))
    assert not {"script", "iframe", "object"} & set(parser.tags)
    assert all(link.startswith(("/", "tel:", "#")) for link in parser.values("a", "href"))
    assert parser.tags.count("img") == len(parser.values("img", "alt"))
    assert len(answer.data) < 30_000
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_number_to_call_when_trapped_comes_first(
    client: FlaskClient, village: Village, token: str
) -> None:
    links = outline(client.get(f"/e/{token}")).values("a", "href")
    assert links[0] == "tel:119"
    assert "本市方案未写明，系统默认" in words(client.get(f"/e/{token}"))


def test_names_are_text_and_never_markup(
    client: FlaskClient, ctx: Context, village: Village, token: str
) -> None:
    with ctx.sessions() as tx:
        tx.execute(update(Estate).values(name="<b>世纪</b>&花园"))
        tx.commit()
    page = client.get(f"/e/{token}")
    assert "&lt;b&gt;世纪&lt;/b&gt;&amp;花园" in page.text
    assert "<b>世纪" not in page.text


@pytest.mark.parametrize("kind", ["lift", "notice"])
@pytest.mark.parametrize("tagged", [False, True])
def test_a_page_from_memory_is_exactly_the_page_made(
    client: FlaskClient,
    ctx: Context,
    village: Village,
    token: str,
    fresh: LiftPages,
    kind: str,
    tagged: bool,
) -> None:
    village.posted()
    path = f"/e/{token}" if kind == "lift" else f"/n/{number_of(ctx)}"
    headers = {"X-Request-Id": "the-same-request"}
    if tagged:
        headers["If-None-Match"] = client.get(path).headers["ETag"]
    fresh.forget("*")
    made = client.get(path, headers=headers)

    def kept() -> bool:
        client.get(path)
        return path in fresh._pages

    eventually(kept)
    with Counter(ctx) as counted:
        again = client.get(path, headers=headers)
    assert counted.queries == 0
    assert (again.status, again.data) == (made.status, made.data)
    assert again.status_code == (304 if tagged else 200)
    del made.headers["Date"]
    assert dict(again.headers) == dict(made.headers)


def test_a_fresh_code_and_a_new_policy_show_at_once(
    client: FlaskClient, ctx: Context, village: Village, token: str, fresh: LiftPages
) -> None:
    village.insured()
    page = f"/e/{token}"

    def kept() -> bool:
        client.get(page)
        return page in fresh._pages

    eventually(kept)
    assert "的保险从2025年4月1日开始" in words(client.get(page))
    with ctx.sessions() as tx:
        tx.execute(update(CoveragePeriod).values(insurer_id=village.insurer, policy_number="PL-2"))
        tx.execute(update(CoveragePeriod).values(state="released"))
        tx.commit()
    eventually(lambda: "目前没有维修保险" in words(client.get(page)))
    eventually(kept)
    lift_tokens.revoke_token(ctx, village.actor("clerk"), village.lifts[0], "贴纸被复制")
    eventually(lambda: client.get(page).status_code == 404)


def test_a_step_of_the_purchase_behind_a_notice_shows_at_once(
    client: FlaskClient, ctx: Context, village: Village, fresh: LiftPages
) -> None:
    purchase = village.cleared()
    page = f"/n/{number_of(ctx)}"

    def kept() -> bool:
        client.get(page)
        return page in fresh._pages

    eventually(kept)
    assert "公示无异议" in words(client.get(page))
    registrations.register(ctx, village.actor("reviewer"), purchase.id)
    eventually(lambda: "已登记备案" in words(client.get(page)))
