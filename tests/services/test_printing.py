"""Print orders: every lift its own row, one ZIP, going on where a worker was killed."""

import errno
import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from PIL import Image
from rq.timeouts import JobTimeoutException
from sqlalchemy import update

from backend.clock import system_clock
from backend.domain.errors import Refused
from backend.domain.posters import PosterKind
from backend.domain.tokens import token_text
from backend.pictures.code_reader import read_codes
from backend.services.printing import print_run
from backend.services.printing.print_orders import (
    PrintProgress,
    PrintRequest,
    due_ids,
    order_posters,
    read_order,
    read_zip,
)
from backend.services.printing.print_run import LEASE, MOST_ATTEMPTS, carry_on
from backend.services.public_notice import notices
from backend.store.files import FileStore
from backend.store.posters import PrintOrder
from backend.store.registry import Estate, Lift, LiftToken
from tests.build.village import Village

URL = "https://tibao.example.cn"
CARDS: tuple[PosterKind, ...] = ("cab_card",)


@pytest.fixture
def coded(village: Village) -> Village:
    """A village whose lifts have codes."""
    with village.ctx.sessions() as tx:
        for number, lift in enumerate(village.lifts, 1):
            token = token_text(bytes([number]) * 16)
            tx.add(LiftToken(token=token, lift_id=lift, issued_at=village.clock()))
        tx.commit()
    return village


def ordered(village: Village, *kinds: PosterKind, by: str = "manager") -> PrintProgress:
    application = PrintRequest(village.estate, kinds or CARDS, format="png")
    return order_posters(village.ctx, village.actor(by), application)


def printed(village: Village, order: PrintProgress) -> zipfile.ZipFile:
    assert carry_on(village.ctx, order.id, URL) is False
    _, where = read_zip(village.ctx, village.actor("manager"), order.id)
    return zipfile.ZipFile(where)


def test_an_order_has_every_poster_of_the_estate_in_one_zip(coded: Village) -> None:
    case = coded.approved()
    notices.draft_notice(coded.ctx, coded.actor("manager"), case.id)
    order = ordered(coded, "about_sheet", "cab_card", "lobby_notice")
    assert (order.state, order.done, order.total) == ("open", 0, 6)
    bundle = printed(coded, order)
    assert sorted(name.split("/")[0] for name in bundle.namelist()) == (
        ["保险说明"] * 2 + ["大堂公示"] * 2 + ["轿厢卡"] * 2
    )
    for name in bundle.namelist():
        with Image.open(io.BytesIO(bundle.read(name))) as picture:
            assert read_codes(picture)[0].startswith(f"{URL}/e/")
    done = read_order(coded.ctx, coded.actor("clerk"), order.id)
    assert (done.state, done.done, done.failures) == ("done", 6, [])


def test_a_lift_that_cannot_be_printed_holds_up_no_other(coded: Village) -> None:
    with coded.ctx.sessions() as tx:
        tx.execute(update(Lift).where(Lift.id == coded.lifts[0]).values(name="名字太长" * 300))
        tx.execute(
            update(LiftToken)
            .where(LiftToken.lift_id == coded.lifts[1])
            .values(revoked_at=coded.clock())
        )
        tx.add(
            Lift(
                unit_id=coded.units[0],
                registration_code="L-9",
                name="3号梯",
                installed_on=coded.clock().date(),
            )
        )
        tx.flush()
        third = tx.query(Lift.id).filter_by(registration_code="L-9").scalar()
        tx.add(LiftToken(token=token_text(b"z" * 16), lift_id=third, issued_at=coded.clock()))
        tx.commit()
    order = ordered(coded)
    bundle = printed(coded, order)
    done = read_order(coded.ctx, coded.actor("manager"), order.id)
    assert (done.state, done.done, done.total) == ("done", 3, 3)
    assert {failure.reason[:6] for failure in done.failures} == {"文字太长，一", "这台电梯没有"}
    assert [name for name in bundle.namelist() if name.startswith("轿厢卡/")] == [
        "轿厢卡/001 1栋1单元3号梯.png"
    ]
    assert bundle.read("没有印成的.txt").decode().count("\n") == 2


def test_a_notice_that_overflows_a4_comes_on_a3_and_the_zip_says_so(coded: Village) -> None:
    case = coded.approved()
    with coded.ctx.sessions() as tx:
        tx.execute(update(Lift).values(name="靠近中心花园南门的" * 70))
        tx.commit()
    notices.draft_notice(coded.ctx, coded.actor("manager"), case.id)
    order = ordered(coded, "lobby_notice")
    bundle = printed(coded, order)
    on_a3 = [name for name in bundle.namelist() if name.startswith("大堂公示/")]
    assert len(on_a3) == 2
    assert all(name.endswith("（A3）.png") for name in on_a3)
    assert (
        bundle.read("A4排不下、要用A3纸打印的.txt").decode().split()
        == "".join(f"{name}\n" for name in on_a3).split()
    )
    with Image.open(io.BytesIO(bundle.read(on_a3[0]))) as picture:
        assert picture.size == (3508, 4961)
    assert read_order(coded.ctx, None, order.id).failures == []


def test_what_was_made_before_a_worker_died_is_not_made_again(coded: Village) -> None:
    order = ordered(coded, "cab_card", "about_sheet")
    turns = iter([True, True, False])
    assert carry_on(coded.ctx, order.id, URL, lambda: next(turns)) is True
    halfway = read_order(coded.ctx, None, order.id)
    assert (halfway.state, halfway.done) == ("open", 2)
    assert due_ids(coded.ctx) == [order.id]
    turns = iter([True] * 3)
    # Two posters are left, and then the ZIP: three turns and no more.
    assert carry_on(coded.ctx, order.id, URL, lambda: next(turns)) is False
    assert read_order(coded.ctx, None, order.id).state == "done"
    assert due_ids(coded.ctx) == []


def test_nobody_takes_an_order_from_someone_at_work(coded: Village) -> None:
    order = ordered(coded)
    _lease_until(coded, order.id, 1)
    assert due_ids(coded.ctx) == []
    assert carry_on(coded.ctx, order.id, URL) is False
    assert read_order(coded.ctx, None, order.id).done == 0
    # The worker was killed: when its lease is over, the next one goes on.
    _lease_until(coded, order.id, -1)
    assert due_ids(coded.ctx) == [order.id]
    carry_on(coded.ctx, order.id, URL)
    assert read_order(coded.ctx, None, order.id).state == "done"


def _lease_until(village: Village, order_id: UUID, leases_from_now: int) -> None:
    until = system_clock() + leases_from_now * LEASE
    with village.ctx.sessions() as tx:
        tx.execute(update(PrintOrder).where(PrintOrder.id == order_id).values(leased_until=until))
        tx.commit()


def test_what_killed_three_workers_is_given_up(
    coded: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nothing in this process sees it, as with a signal."""

    def deadly(*_: object) -> None:
        raise Killed

    order = ordered(coded)
    with monkeypatch.context() as patched:
        patched.setattr(print_run, "make_poster", deadly)
        for _ in range(3):
            with pytest.raises(Killed):
                carry_on(coded.ctx, order.id, URL)
            _lease_until(coded, order.id, -1)
    assert read_order(coded.ctx, None, order.id).done == 0
    assert len([name for name in printed(coded, order).namelist() if "轿厢卡/" in name]) == 1
    (failure,) = read_order(coded.ctx, None, order.id).failures
    assert "三次" in failure.reason


@pytest.mark.parametrize("broken", ["put", "put_written"])
def test_a_full_disk_costs_a_poster_nothing_but_time(
    coded: Village, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    order = ordered(coded)
    with monkeypatch.context() as patched:
        patched.setattr(FileStore, broken, full)
        for _ in range(2 * MOST_ATTEMPTS):
            with pytest.raises(OSError, match="No space"):
                carry_on(coded.ctx, order.id, URL)
            _lease_until(coded, order.id, -1)
    assert len(printed(coded, order).namelist()) == 2
    assert not read_order(coded.ctx, None, order.id).failures


def test_the_end_of_a_job_s_time_is_no_failure_of_a_poster(
    coded: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        raise JobTimeoutException

    order = ordered(coded)
    monkeypatch.setattr(print_run, "make_poster", slow)
    with pytest.raises(JobTimeoutException):
        carry_on(coded.ctx, order.id, URL, ending=(JobTimeoutException,))
    assert read_order(coded.ctx, None, order.id).done == 0


def test_the_same_order_again_is_the_same_and_another_waits(coded: Village) -> None:
    order = ordered(coded)
    assert ordered(coded) == order
    with pytest.raises(Refused, match=str(order.id)) as caught:
        ordered(coded, "about_sheet")
    assert code_of(caught) == "order_open"
    assert ordered(coded, by="clerk").id != order.id
    carry_on(coded.ctx, order.id, URL)
    assert ordered(coded).id != order.id


def test_two_taps_at_once_are_one_order(coded: Village) -> None:
    with ThreadPoolExecutor(2) as threads:
        orders = list(threads.map(lambda _: ordered(coded).id, range(2)))
    assert orders[0] == orders[1]


def test_a_finished_order_stays_as_it_is(coded: Village) -> None:
    order = ordered(coded)
    carry_on(coded.ctx, order.id, URL)
    before = read_order(coded.ctx, None, order.id)
    assert carry_on(coded.ctx, order.id, URL) is False
    assert read_order(coded.ctx, None, order.id) == before


def code_of(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.refusals[0].code


def test_only_those_who_print_order_and_watch(coded: Village) -> None:
    order = ordered(coded, by="clerk")
    for name, code in (("owner0", "role_required"), ("stranger", "not_found")):
        with pytest.raises(Refused) as caught:
            ordered(coded, by=name)
        assert code_of(caught) == code
        with pytest.raises(Refused) as caught:
            read_order(coded.ctx, coded.actor(name), order.id)
        assert code_of(caught) == code


def test_an_order_that_makes_nothing_is_refused(coded: Village) -> None:
    with pytest.raises(Refused) as caught:
        ordered(coded, "lobby_notice")
    assert code_of(caught) == "nothing_to_print"
    with pytest.raises(Refused) as caught:
        order_posters(coded.ctx, None, PrintRequest(coded.estate, ()))
    assert code_of(caught) == "kinds_missing"
    with pytest.raises(Refused) as caught:
        order_posters(coded.ctx, None, PrintRequest(uuid4(), CARDS))
    assert code_of(caught) == "not_found"


def test_the_zip_waits_until_all_are_made(coded: Village) -> None:
    order = ordered(coded)
    with pytest.raises(Refused) as caught:
        read_zip(coded.ctx, coded.actor("manager"), order.id)
    assert code_of(caught) == "order_not_done"


def test_names_in_the_zip_cannot_leave_their_folder(coded: Village) -> None:
    with coded.ctx.sessions() as tx:
        tx.execute(update(Lift).values(name="../../../etc/passwd\x00"[:-1]))
        tx.execute(update(Estate).values(name="a/b"))
        tx.commit()
    for name in printed(coded, ordered(coded)).namelist():
        assert name.count("/") == 1
        assert "\\" not in name
