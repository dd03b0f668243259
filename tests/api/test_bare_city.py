"""A city that has switched no optional promise on: all that people read there promises none.

Written words are walked by `tests/test_promises.py`; here they are read as they are put together.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.domain.city.schema import ApplicantKind, CityProfile, ObjectionChannel
from backend.http.parts import ApiParts
from backend.services.printing import poster_words
from backend.services.public import city_facts, lift_tokens, words
from backend.services.public_notice import objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.public_notice.own_objections import my_objections
from backend.services.reads.chat import Known, Seat, deadlines, known_of, progress
from backend.services.reads.todos import own_todos
from backend.store.messages import Outbox
from backend.store.notices import Objection, PublicNotice
from backend.store.queries.lifts import lift_by_token
from backend.wechat import replies
from backend.wechat.bot import ChatBot
from backend.wechat.choices import Choice
from backend.wechat.incoming import Incoming
from backend.wechat.phrases import WORDS
from backend.wechat.replies import Menu, Text
from backend.wechat.templates import TEMPLATES, shown
from tests.build.lift_rows import LIFT
from tests.build.looking import post
from tests.build.objecting import WORDS as OBJECTION
from tests.build.promises import WITH_THE_POOL, bare_city, broken, on_another_road
from tests.build.village import GRANTED, Village

NOW = datetime(2025, 3, 3, 1, tzinfo=UTC)
PEOPLE = (*GRANTED, "member0", "member1", "member2", "owner0", "owner1")
APPLICANTS: tuple[ApplicantKind, ...] = (
    "owners",
    "committee",
    "property_company",
    "independent_owner",
)
WAYS: tuple[ObjectionChannel, ...] = ("paper", "mini_program")
# What each of the two ways may say of itself.
OTHER_WAY = {"paper": "objecting on the phone", "mini_program": "objecting on paper"}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> ObjectionChannel:
    """The one way in which objections come in."""
    return cast("ObjectionChannel", request.param)


@pytest.fixture
def parts(parts: ApiParts, way: ObjectionChannel) -> ApiParts:
    """The house in a city that promises nothing of its own choice."""
    return replace(parts, ctx=replace(parts.ctx, city=bare_city(way)))


def of_the_other_way(texts: Iterator[str], way: ObjectionChannel) -> list[str]:
    """The promises in these texts, but for what objecting in the city's own way is called."""
    found = [each for text in texts for each in broken(text, WITH_THE_POOL)]
    other = OTHER_WAY[way]
    return [each for each in found if not each.startswith("objecting") or each.startswith(other)]


def bare(html: str) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]+>|\s", "", html, flags=re.DOTALL)


def pages(client: FlaskClient, village: Village, token: str) -> Iterator[str]:
    """Every page that opens without login, and what the mini-program asks of the API for it."""
    with village.ctx.sessions() as tx:
        notices = tx.scalars(select(PublicNotice.number)).all()
    api = "/api/v1/public"
    for path in ("/", "/nowhere", f"/e/{token}", *(f"/n/{number}" for number in notices)):
        yield bare(client.get(path, headers={"Accept": "text/html"}).text)
    paths = ("/city", f"/lifts/{token}", *(f"/notices/{number}" for number in notices))
    for path in paths:
        answer = client.get(api + path)
        assert answer.status_code == 200, answer.text
        yield json.dumps(answer.get_json(), ensure_ascii=False)


def posters(village: Village, token: str) -> Iterator[str]:
    city = village.ctx.city
    with village.ctx.sessions() as tx:
        lift = lift_by_token(tx, token)
        assert lift
        yield repr(poster_words.cab_card(city, lift, None, ""))
        yield repr(poster_words.about_sheet(city, lift, ""))
        for notice in tx.scalars(select(PublicNotice)):
            yield repr(poster_words.lobby_notice(notice, "1单元", "", city))


def messages(village: Village) -> Iterator[str]:
    """Every message that was written, as its reader sees it."""
    with village.ctx.sessions() as tx:
        for row in tx.scalars(select(Outbox).where(Outbox.template.in_(TEMPLATES))):
            template = TEMPLATES[row.template]
            fields = {field.name for field in template.fields}
            yield shown(template, {key: row.data[key] for key in fields})


def own_words(village: Village) -> Iterator[str]:
    """What each person reads of their todos and objections, in chat and in the mini-program."""
    ctx = village.ctx
    for name in PEOPLE:
        if name not in village.people:
            continue
        actor = village.actor(name)
        with ctx.sessions() as tx:
            yield replies.todo(own_todos(tx, ctx, actor)) or ""
            yield replies.deadlines(deadlines(tx, ctx, actor.person_id)) or ""
            yield replies.progress(progress(tx, ctx, actor.person_id, None)) or ""
            yield from bot(ctx.city, known_of(tx, ctx, actor.person_id))
        for own in my_objections(ctx, actor):
            yield f"{own.next}{own.status_name}{own.publication_name}"


def incoming(text: str) -> Incoming:
    return Incoming(
        kind="text",
        msg_id="1",
        dedupe_key="1",
        openid="o",
        created_at=NOW,
        text=text,
        menu_choice_id="",
        event="",
        event_key="",
        job_msgid="",
        job_status="",
        entries=(),
    )


def bot(city: CityProfile, known: Known) -> Iterator[str]:
    """What the bot answers to each thing that it understands, and to what it does not."""
    chat = ChatBot(lambda plan_id: f"https://lift.example/p/{plan_id}", city)
    said = [words[0] for words in WORDS.values()]
    plans = [Choice(action, uuid4()) for action in ("approve", "refuse", "plan")]
    asked: list[tuple[str, Choice | None]] = [
        (text, None) for text in (*said, "今天天气真好", "救命")
    ]
    for text, chosen in (*asked, *(("点选", choice) for choice in plans)):
        for reply in chat.answer(incoming(text), chosen, known).replies:
            match reply:
                case Text(written):
                    yield written
                case Menu(head, _, tail):
                    yield head + tail


def object_in(village: Village, notice: UUID, way: ObjectionChannel) -> Objection:
    if way == "mini_program":
        return objections.file_objection(
            village.ctx, village.actor("owner0"), notice, "price", OBJECTION
        )
    paper = PaperObjection("need", "不同意投保", "业主一", village.clock(), village.owners[0])
    return village.clerk.enters_paper(notice, paper)


def test_all_that_people_read_while_a_lift_gets_insured_promises_nothing_of_choice(
    client: FlaskClient, village: Village, way: ObjectionChannel
) -> None:
    token = lift_tokens.issue_token(
        village.ctx, village.actor("clerk"), village.lifts[0], "首次张贴"
    ).token

    insurers_own = f"{village.terms().service_commitments}|公开遴选"

    def walked(stage: str) -> None:
        read = [
            *pages(client, village, token),
            *posters(village, token),
            *messages(village),
            *own_words(village),
        ]
        assert len(read) > 40
        ours = (re.sub(insurers_own, "", text) for text in read)
        assert of_the_other_way(ours, way) == [], stage

    walked("nobody has applied")
    purchase = village.planned()
    walked("planned")
    notice = post(village, purchase)
    walked("posted")
    objection = object_in(village, notice, way)
    walked("suspended")
    village.clerk.answers(objection.id, "三家报价已公布")
    walked("answered")
    village.reviewer.dismisses(objection.id, "理由不成立")
    walked("dismissed")
    with village.ctx.sessions() as tx:
        ends_before = tx.get_one(PublicNotice, notice).ends_before
    assert ends_before
    village.clock.set(ends_before)
    village.photograph(notice, "end")
    walked("over")
    village.clerk.clears(purchase.id, "没有纸质异议")
    walked("cleared")


@pytest.mark.parametrize("city", [bare_city(), on_another_road()], ids=["pool", "another road"])
def test_words_that_follow_the_city_promise_only_what_it_has(city: CityProfile) -> None:
    kept = WITH_THE_POOL if "R1" in city.routes else {"limits"}
    kept = kept | {"objection.channels"}
    read = [
        *city_facts.about(city),
        *city_facts.privacy(city),
        repr(words.emergency(city)),
        *(words.applicant_words(kind, words.pooled_route(city), city) for kind in APPLICANTS),
        repr(poster_words.about_sheet(city, LIFT, "")),
        replies.help_with(city),
        replies.people(city),
        *bot(city, Known(NOW, None, None, ())),
        *bot(city, Known(NOW, None, Seat("陈", recused=False), ())),
    ]
    assert [each for text in read for each in broken(text, kept)] == []
