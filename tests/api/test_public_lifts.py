import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Event, get_ident
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from backend.domain.local_time import SHANGHAI
from backend.domain.objection import STATUS_NAMES, ObjectionStatus
from backend.domain.public_notice import NoticeState
from backend.domain.tokens import token_text
from backend.http.lift_pages import LiftPage, LiftPages, made
from backend.http.parts import ApiParts
from backend.services.base.context import Context
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import CoveragePeriod
from backend.store.registry import Building, Estate, Insurer, Lift, LiftToken, Maintainer, Unit
from tests.build.calling import refused, told
from tests.build.clock import ManualClock
from tests.build.counting import Counter
from tests.build.sample_case import SampleCase, sample_case, sample_notice
from tests.build.waiting import PATIENCE_SECONDS, at_once, eventually

TOKEN = token_text(bytes(range(16)))
URL = f"/api/v1/public/lifts/{TOKEN}"


@pytest.fixture
def case(tx: Session, ctx: Context) -> SampleCase:
    """A lift with a token, without cover or notice. The clock stands at 3 March 2025, 9:00."""
    case = sample_case(tx)
    tx.add(LiftToken(token=TOKEN, lift_id=case.lift, issued_at=ctx.clock(), revoked_at=None))
    tx.commit()
    return case


def cover(
    tx: Session, case: SampleCase, first: date, ends_before: date, **values: Any
) -> CoveragePeriod:
    row = CoveragePeriod(
        lift_id=case.lift,
        purchase_id=case.purchase,
        insurer_id=case.insurer,
        period=Range(first, ends_before),
        **{"policy_number": "P-1", "state": "in_force", **values},
    )
    tx.add(row)
    tx.commit()
    return row


def objection(tx: Session, case: SampleCase, notice: PublicNotice, **values: Any) -> Objection:
    row = Objection(
        number="YY-2025-000001",
        notice_id=notice.id,
        owner_id=None,
        source="paper",
        kind="price",
        text_sealed=b"SECRET-WORDS",
        objector_sealed=b"SECRET-NAME",
        received_at=datetime.now(UTC),
        entered_by=case.person,
        entered_at=datetime.now(UTC),
        **{"status": "received", "answer": None, "publication": "private", **values},
    )
    tx.add(row)
    tx.commit()
    return row


def test_a_scan_shows_where_the_lift_is_and_whom_to_ask(
    client: FlaskClient, case: SampleCase
) -> None:
    page = told(client.get(URL))
    assert page["lift"]["estate"] == "示例小区"
    assert page["lift"]["building"] == "1栋"
    assert page["centre"]["phone"] == "0743-8532500"
    assert (page["covered"], page["cover"], page["notices"]) == (False, None, [])


@pytest.mark.parametrize(
    ("on", "covered"),
    [
        (datetime(2025, 3, 9, 23, 59, tzinfo=SHANGHAI), False),
        (datetime(2025, 3, 10, 0, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 3, 9, 23, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 3, 10, 0, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_a_lift_is_covered_from_the_first_to_the_last_minute_in_shanghai(
    tx: Session,
    client: FlaskClient,
    case: SampleCase,
    clock: ManualClock,
    on: datetime,
    covered: bool,
) -> None:
    cover(tx, case, date(2025, 3, 10), date(2026, 3, 10))
    clock.set(on)
    page = told(client.get(URL))
    assert page["covered"] is covered
    if covered:
        assert page["cover"]["last_day"] == "2026-03-09"
        assert page["cover"]["insurer"].startswith("示例保险")


@pytest.mark.parametrize("state", ["reserved", "released"])
def test_a_cover_that_is_not_in_force_does_not_show(
    tx: Session, client: FlaskClient, case: SampleCase, state: str
) -> None:
    cover(tx, case, date(2025, 1, 1), date(2026, 1, 1), state=state, policy_number=None)
    assert told(client.get(URL))["covered"] is False


def test_a_notice_says_the_last_moment_to_object_in_words(
    tx: Session, client: FlaskClient, case: SampleCase, clock: ManualClock
) -> None:
    notice = sample_notice(tx, case)
    reason = {"text": "自次日起算。", "article": "第二百零一条"}
    notice.explanation = [{**reason, "rule": "start", "days": []}]
    tx.commit()
    clock.set(datetime(2025, 3, 10, 23, 59, 59, tzinfo=SHANGHAI))
    (shown,) = told(client.get(URL))["notices"]
    assert shown["ends_on"] == "2025-03-10"
    assert shown["ends_before"] == "2025-03-11T00:00:00+08:00"
    assert shown["open_to_objections"] is True
    assert "2025年3月10日（周一）24:00之前" in shown["how_long"]
    assert shown["explanation"] == [reason]
    assert shown["plan"]["lift_premium_fen"] == 100
    clock.advance(seconds=1)
    (shown,) = told(client.get(URL))["notices"]
    assert shown["open_to_objections"] is False
    assert "已于" in shown["how_long"]


@pytest.mark.parametrize(
    ("article", "shown"),
    [
        ("附件二（一）4", None),  # in the sentence already
        ("附件一", "本市方案附件一"),
        ("民法典201", "民法典201"),
        ("default", None),
    ],
)
def test_an_explanation_names_its_source_once(
    tx: Session, client: FlaskClient, case: SampleCase, article: str, shown: str | None
) -> None:
    notice = sample_notice(tx, case)
    text = "公示 7 日（附件二（一）4）。"
    notice.explanation = [{"rule": "limit", "text": text, "article": article, "days": []}]
    tx.commit()
    (told_of,) = told(client.get(URL))["notices"]
    assert told_of["explanation"] == [{"text": text, "article": shown}]
    page = client.get(f"/e/{TOKEN}").get_data(as_text=True)
    assert page.count("附件二（一）4") == 1


def test_while_suspended_no_objection_comes_too_late(
    tx: Session, client: FlaskClient, case: SampleCase, clock: ManualClock
) -> None:
    notice = sample_notice(tx, case)
    notice.state = NoticeState.SUSPENDED
    tx.commit()
    clock.set(datetime(2025, 3, 20, 9, tzinfo=SHANGHAI))
    (shown,) = told(client.get(URL))["notices"]
    assert shown["open_to_objections"] is True
    assert "暂缓实施" in shown["how_long"]


def test_of_an_objection_only_number_kind_and_answer_are_public(
    tx: Session, client: FlaskClient, case: SampleCase
) -> None:
    notice = sample_notice(tx, case)
    objection(tx, case, notice, status="inadmissible", answer="已当面说明。")
    answer = client.get(URL)
    ((shown,),) = [notice["objections"] for notice in told(answer)["notices"]]
    assert shown == {
        "number": "YY-2025-000001",
        "kind": "price",
        "kind_name": "保费或保额",
        "status": "inadmissible",
        "status_name": STATUS_NAMES[ObjectionStatus.INADMISSIBLE],
        "answer": "已当面说明。",
        "text": None,
    }
    assert b"SECRET" not in answer.data


@pytest.mark.parametrize("state", ["posting", "ended", "void"])
def test_a_notice_that_does_not_hang_does_not_show(
    tx: Session, client: FlaskClient, case: SampleCase, state: str
) -> None:
    sample_notice(tx, case).state = NoticeState(state)
    tx.commit()
    assert told(client.get(URL))["notices"] == []


def test_the_whole_text_of_a_notice_is_public_once_it_hangs(
    tx: Session, client: FlaskClient, case: SampleCase
) -> None:
    notice = sample_notice(tx, case)
    tx.commit()
    url = f"/api/v1/public/notices/{notice.number}"
    assert told(client.get(url))["content"] == {"text": "公示"}
    notice.state = NoticeState.POSTING
    tx.commit()
    assert refused(client.get(url), 404) == ["not_found"]


@pytest.mark.parametrize("number", ["GS-2025-999999", "%00", "x" * 500, "GS 1"])
def test_a_notice_that_does_not_exist(client: FlaskClient, number: str) -> None:
    assert refused(client.get(f"/api/v1/public/notices/{number}"), 404) == ["not_found"]


@pytest.mark.parametrize(
    "token",
    [token_text(bytes(16)), "short", TOKEN.upper(), TOKEN + "0", "%00" * 26, "梯" * 26, "i" * 26],
)
def test_unknown_and_malformed_tokens_get_the_same_calm_answer(
    client: FlaskClient, case: SampleCase, token: str
) -> None:
    assert refused(client.get(f"/api/v1/public/lifts/{token}"), 404) == ["not_found"]


def test_a_revoked_token_shows_nothing(tx: Session, client: FlaskClient, case: SampleCase) -> None:
    tx.execute(update(LiftToken).values(revoked_at=datetime.now(UTC)))
    tx.commit()
    assert refused(client.get(URL), 404) == ["not_found"]


@pytest.mark.parametrize("wrap", ["W/{}", "{}", '"other", W/{}', "*"])
def test_whoever_has_the_page_already_gets_304(
    client: FlaskClient, case: SampleCase, wrap: str
) -> None:
    etag = client.get(URL).headers["ETag"]
    opaque = etag.removeprefix("W/")
    again = client.get(URL, headers={"If-None-Match": wrap.format(opaque)})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == etag


def test_an_old_tag_gets_the_new_page(tx: Session, client: FlaskClient, case: SampleCase) -> None:
    etag = client.get(URL).headers["ETag"]
    cover(tx, case, date(2025, 3, 1), date(2026, 3, 1))
    again = client.get(URL, headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert again.headers["ETag"] != etag


def test_a_page_costs_at_most_four_queries_and_then_none(
    tx: Session, client: FlaskClient, case: SampleCase, parts: ApiParts, fresh: LiftPages
) -> None:
    sample_notice(tx, case)
    cover(tx, case, date(2025, 3, 1), date(2026, 3, 1))
    fresh.forget("*")
    with Counter(parts.ctx) as first:
        client.get(URL)
    read_until_kept(client, fresh)
    with Counter(parts.ctx) as second:
        client.get(URL)
    assert (first.queries, second.queries) == (4, 0)


def _rename(model: Any) -> Any:
    return update(model).values(name="新名称")


CHANGES = {
    "estate": _rename(Estate),
    "building": _rename(Building),
    "unit": _rename(Unit),
    "lift": _rename(Lift),
    "insurer": _rename(Insurer),
    "maintainer": update(Maintainer).values(phone="0743-1234567"),
    "cover": update(CoveragePeriod).values(state="released"),
    "notice": update(PublicNotice).values(ends_on=date(2025, 3, 12)),
    "objection": update(Objection).values(status="verified"),
    "token": update(LiftToken).values(revoked_at=datetime.now(UTC)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_behind_a_page_shows_at_once(
    tx: Session, client: FlaskClient, case: SampleCase, fresh: LiftPages, change: str
) -> None:
    maintainer = Maintainer(name="示例维保", phone="0743-7654321")
    tx.add(maintainer)
    tx.flush()
    tx.execute(update(Lift).values(maintainer_id=maintainer.id))
    cover(tx, case, date(2025, 3, 1), date(2026, 3, 1))
    objection(tx, case, sample_notice(tx, case))
    before = read_until_kept(client, fresh)
    tx.execute(CHANGES[change])
    tx.commit()
    eventually(lambda: client.get(URL).data != before)


def test_a_lift_more_in_a_pool_shows_at_once_on_the_pages_of_the_others(
    tx: Session, client: FlaskClient, case: SampleCase, fresh: LiftPages
) -> None:
    before = read_until_kept(client, fresh)
    another = {"registration_code": "L-ANOTHER", "name": "2号梯", "installed_on": date(2020, 1, 1)}
    tx.add(Lift(unit_id=case.unit, **another))
    tx.commit()
    eventually(lambda: client.get(URL).data != before)


def read_until_kept(client: FlaskClient, pages: LiftPages) -> bytes:
    """The page, once it is answered from memory."""

    def kept() -> bool:
        client.get(URL)
        return URL in pages._pages

    eventually(kept)
    return bytes(client.get(URL).data)


def test_time_alone_changes_a_kept_page(
    tx: Session, client: FlaskClient, case: SampleCase, fresh: LiftPages, clock: ManualClock
) -> None:
    cover(tx, case, date(2025, 3, 4), date(2025, 3, 5))
    clock.set(datetime(2025, 3, 3, 23, 59, 59, tzinfo=SHANGHAI))
    read_until_kept(client, fresh)
    seen = []
    for _ in range(3):
        seen.append(told(client.get(URL))["covered"])
        clock.advance(days=1)
    assert seen == [False, True, False]
    clock.advance(days=-2)
    assert told(client.get(URL))["covered"] is True


@pytest.mark.parametrize("tagged", [False, True])
def test_a_kept_page_is_answered_exactly_like_a_fresh_one(
    client: FlaskClient, case: SampleCase, fresh: LiftPages, tagged: bool
) -> None:
    headers = {"X-Request-Id": "the-same-request"}
    if tagged:
        headers["If-None-Match"] = client.get(URL).headers["ETag"]
    fresh.forget("*")
    made = client.get(URL, headers=headers)
    read_until_kept(client, fresh)
    kept = client.get(URL, headers=headers)
    assert (kept.status, kept.data) == (made.status, made.data)
    del made.headers["Date"]  # the web server adds its own to both
    assert dict(kept.headers) == dict(made.headers)


def test_only_reading_is_answered_from_memory(
    client: FlaskClient, case: SampleCase, fresh: LiftPages
) -> None:
    body = read_until_kept(client, fresh)
    assert refused(client.post(URL), 405) == ["method_not_allowed"]
    assert client.head(URL).data == b""
    assert client.get(f"{URL}?from=scan").data == body
    assert client.get(URL, headers={"If-None-Match": '"old"'}).data == body


def test_without_hearing_changes_nothing_is_kept(
    client: FlaskClient, case: SampleCase, parts: ApiParts
) -> None:
    client.get(URL)
    assert not parts.lift_pages._pages


def test_a_broken_link_empties_the_memory_and_a_new_one_fills_it_again(
    tx: Session, client: FlaskClient, case: SampleCase, fresh: LiftPages
) -> None:
    read_until_kept(client, fresh)
    tx.execute(
        text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE :q"),
        {"q": "LISTEN%"},
    )
    eventually(lambda: not fresh._hearing)
    assert not fresh._pages
    eventually(lambda: fresh._hearing)
    read_until_kept(client, fresh)


def _page(clock: ManualClock, *about: UUID) -> LiftPage:
    tomorrow = clock() + timedelta(days=1)
    return made(b"{}", "application/json", "", about, clock(), tomorrow)


@pytest.fixture
def pages(clock: ManualClock) -> LiftPages:
    """Pages of which changes are heard."""
    pages = LiftPages(clock)
    pages.link(True)
    return pages


LIFT, OTHER, NOTICE = (UUID(int=number) for number in range(3))


def test_a_page_read_before_a_change_was_told_is_not_kept(
    clock: ManualClock, pages: LiftPages
) -> None:
    def slow() -> LiftPage:
        pages.forget(str(NOTICE))
        return _page(clock, LIFT, NOTICE)

    assert pages.get("/path", slow)
    assert not pages._pages


def test_what_others_change_meanwhile_keeps_no_page_out(
    clock: ManualClock, pages: LiftPages
) -> None:
    def slow() -> LiftPage:
        pages.forget(str(OTHER))
        return _page(clock, LIFT)

    pages.get("/path", slow)
    assert list(pages._pages) == ["/path"]


def test_memory_is_bounded_and_forgets_the_oldest(clock: ManualClock) -> None:
    pages = LiftPages(clock, max_pages=2)
    pages.link(True)
    for number, name in enumerate("abc"):
        pages.get(name, partial(_page, clock, UUID(int=number)))
    assert list(pages._pages) == ["b", "c"]
    assert len(pages._paths) == 2


def test_only_what_shows_the_changed_row_is_forgotten(clock: ManualClock, pages: LiftPages) -> None:
    shown = {"a": (LIFT,), "b": (OTHER, NOTICE), "n": (NOTICE,), "c": (OTHER,)}
    for name, about in shown.items():
        pages.get(name, partial(_page, clock, *about))
    pages.forget(str(NOTICE))
    assert list(pages._pages) == ["a", "c"]
    pages.forget(str(OTHER))
    assert (list(pages._pages), list(pages._paths)) == (["a"], [str(LIFT)])
    pages.forget("*")
    assert (pages._pages, pages._paths) == ({}, {})


def test_of_many_who_want_a_page_at_once_one_makes_it(clock: ManualClock, pages: LiftPages) -> None:
    count = 8
    made_by: list[int] = []

    def make() -> LiftPage:
        made_by.append(get_ident())
        # Nobody is left to come later: all others wait for this one.
        eventually(lambda: waiting() == count - 1)
        return _page(clock, LIFT)

    def waiting() -> int:
        future = pages._making["/path"].page
        return len(future._condition._waiters)  # type: ignore[attr-defined]  # who waits for it

    found = at_once([lambda: pages.get("/path", make)] * count)
    assert len(made_by) == 1
    assert {id(page) for page in found} == {id(pages.peek("/path"))}
    assert not pages._making


def test_whoever_waits_for_a_page_that_a_change_overtook_gets_a_newer_one(
    clock: ManualClock, pages: LiftPages
) -> None:
    began, told_of_it = Event(), Event()

    def old() -> LiftPage:
        began.set()
        told_of_it.wait(PATIENCE_SECONDS)
        pages.forget(str(LIFT))
        return _page(clock, LIFT)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(pages.get, "/path", old)
        began.wait(PATIENCE_SECONDS)
        second = threads.submit(pages.get, "/path", partial(_page, clock, LIFT, OTHER))
        told_of_it.set()
        assert first.result() != second.result()
    assert pages.peek("/path") == second.result()


def test_a_page_that_cannot_be_made_is_tried_again_by_the_next(
    clock: ManualClock, pages: LiftPages
) -> None:
    def broken() -> LiftPage:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        pages.get("/path", broken)
    assert pages.get("/path", partial(_page, clock, LIFT))


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.8", True),
        ("deflate, br", False),
        ("gzip;q=0, br", False),
        ("gzip; q=0.000", False),
        ("", False),
    ],
)
def test_pages_are_kept_packed_and_sent_so_to_whoever_takes_it(
    client: FlaskClient, case: SampleCase, fresh: LiftPages, accepted: str, packed: bool
) -> None:
    plain = read_until_kept(client, fresh)
    for _ in range(2):  # from memory, and freshly made
        answer = client.get(URL, headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert (gzip.decompress(answer.data) if packed else answer.data) == plain
        assert len(answer.data) < len(plain) if packed else len(answer.data) == len(plain)
        fresh.link(False)
