"""案卷: everything of a case in one PDF for the archive, without the words of objectors."""

import io
from datetime import timedelta
from uuid import UUID

import pytest
from pypdf import PdfReader
from pypdf.generic import StreamObject
from pypdfium2 import PdfDocument
from sqlalchemy import select, update

from backend.domain.errors import Refused
from backend.domain.ordered import KEPT, MOST_ATTEMPTS, OrderedState
from backend.pictures.case_file import Bound
from backend.services.base.context import Actor
from backend.services.base.own_words import keep_name
from backend.services.files import uploads
from backend.services.ordered import case_files, kept, making, orders
from backend.store.audit import AuditEntry
from backend.store.files import FileStore
from backend.store.notices import Evidence, StoredFile
from backend.store.ordered import OrderedFile
from backend.store.people import Person
from backend.store.purchases import Transition
from backend.store.queries.cases import objections_of
from tests.build.objecting import WORDS, hand_in, object_to, signature
from tests.build.papers import pdf
from tests.build.village import Village


def bound(village: Village, purchase_id: UUID, by: str = "clerk") -> bytes:
    order = orders.order_case_file(village.ctx, village.actor(by), purchase_id)
    assert making.make(village.ctx, order)
    return orders.fetch(village.ctx, village.actor(by), order).where.read_bytes()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bound is not looked at."""
    monkeypatch.setattr(making, "bind_case_file", lambda *_: Bound(b"%PDF-1.7 bound", ()))


def words_of(content: bytes) -> list[str]:
    """The words of each page, without the blanks that lines break with."""
    with PdfDocument(content) as document:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]


def named(village: Village, who: str, name: str) -> None:
    with village.ctx.sessions() as tx:
        person = tx.get_one(Person, village.actor(who).person_id)
        keep_name(village.ctx.cipher, person, name)
        tx.commit()


def test_a_bound_case_says_what_happened_and_holds_every_paper(village: Village) -> None:
    named(village, "clerk", "赵经办")
    case = village.insured()
    content = bound(village, case.id)
    pages = words_of(content)
    assert case.number in pages[0]
    with village.ctx.sessions() as tx:
        evidence = tx.scalars(select(Evidence.file_sha256)).all()
        steps = len(tx.scalars(select(Transition.id)).all())
    for sha256 in filter(None, evidence):
        assert any(sha256 in page for page in pages), sha256
    whole = "".join(pages)
    for heading in ("资料目录", "电梯", "保险方案", "经过", "期限", "资金", "公示", "异议"):
        assert heading in whole
    assert f"{steps}." in whole
    assert "赵*" in whole
    assert "赵经办" not in whole
    assert "已转为应付保费" in whole
    assert "借" in whole


def test_the_contents_name_the_page_on_which_each_paper_begins(village: Village) -> None:
    case = village.drafted()
    village.manager.applies(case.id, hand_in(village, "manager", pdf()))
    content = bound(village, case.id)
    pages = words_of(content)
    contents = next(page for page in pages if "资料目录" in page)
    nth = int(contents.split("资料目录1.", 1)[1].split("第", 1)[1].split("页", 1)[0])
    assert pages[nth - 1].startswith("资料1")
    assert "共1页，见后。" in pages[nth - 1]
    assert pages[nth - 1].endswith(f"—{nth}—")
    assert len(pages) > nth


def test_the_words_of_objectors_and_who_they_are_stay_outside(village: Village) -> None:
    case, notice = village.posted()
    named(village, "owner0", "冯样零")
    signed = hand_in(village, "owner0", signature())
    objection = object_to(village, notice, signed=signed)
    village.clerk.answers(objection.id, "已与物业核对，按方案办理")
    whole = "".join(words_of(bound(village, case.id)))
    assert objection.number in whole
    assert "按方案办理" in whole
    assert WORDS.splitlines()[0] not in whole
    assert "冯样零" not in whole
    assert signed not in whole
    with village.ctx.sessions() as tx:
        looks = select(AuditEntry).where(AuditEntry.action == "purchase.read_objections")
        assert tx.scalars(looks).all() == []
        assert len(objections_of(tx, case.id)) == 1


def test_phones_and_flats_in_what_officers_typed_are_masked(village: Village) -> None:
    case = village.drafted()
    village.manager.applies(case.id, village.upload("manager"))
    village.clerk.returns_application(case.id, "请打 13800001234 联系 1栋1单元 101室 的业主")
    whole = "".join(words_of(bound(village, case.id)))
    assert "请打" in whole
    assert "13800001234" not in whole
    assert "101室" not in whole


def test_a_case_to_which_nothing_happened_gives_the_same_bytes(village: Village) -> None:
    case = village.drafted()
    village.manager.applies(case.id, hand_in(village, "manager", pdf()))
    first = bound(village, case.id)
    village.clock.advance(days=1)
    assert bound(village, case.id, "reviewer") == first


def test_pages_of_our_own_alone_are_pdf_a(village: Village) -> None:
    case = village.drafted()
    village.manager.applies(case.id, village.upload("manager"))

    def claims(content: bytes) -> bool:
        root = PdfReader(io.BytesIO(content)).root_object
        assert "/OutputIntents" in root
        metadata = root["/Metadata"].get_object()
        assert isinstance(metadata, StreamObject)
        return b"<pdfaid:part>2</pdfaid:part>" in metadata.get_data()

    assert claims(bound(village, case.id))
    village.clerk.returns_application(case.id, "缺第二页")
    village.manager.applies(case.id, hand_in(village, "manager", pdf()))
    assert not claims(bound(village, case.id))


def test_a_paper_that_cannot_be_opened_or_is_not_there_keeps_no_other_back(
    village: Village,
) -> None:
    ctx, case = village.ctx, village.drafted()
    broken, gone = hand_in(village, "manager", pdf()), village.upload("manager")
    village.manager.applies(case.id, gone)
    village.clerk.returns_application(case.id, "缺第二页")
    village.manager.applies(case.id, broken)
    ctx.files.path(broken).write_bytes(b"%PDF-1.7 and no more")
    ctx.files.forget(gone)
    whole = "".join(words_of(bound(village, case.id)))
    assert "这份文件打不开" in whole
    assert "这份文件不在文件库里" in whole


def test_papers_that_are_too_much_together_are_named_and_left_out(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_files, "MOST_BOUND", 10)
    case = village.drafted()
    village.manager.applies(case.id, village.upload("manager"))
    assert "全部资料已经太大" in "".join(words_of(bound(village, case.id)))


@pytest.mark.parametrize("who", ["manager", "owner0", "insurer"])
@pytest.mark.usefixtures("quick")
def test_only_officers_of_the_centre_bind_a_case_or_fetch_it(village: Village, who: str) -> None:
    case = village.approved()
    order = orders.order_case_file(village.ctx, village.actor("clerk"), case.id)
    making.make(village.ctx, order)
    with pytest.raises(Refused):
        orders.order_case_file(village.ctx, village.actor(who), case.id)
    with pytest.raises(Refused):
        orders.fetch(village.ctx, village.actor(who), order)


@pytest.mark.usefixtures("quick")
def test_the_same_order_is_one_while_it_is_made_and_every_fetch_is_a_link(
    village: Village,
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    case = village.drafted()
    first, again = (orders.order_case_file(ctx, clerk, case.id) for _ in range(2))
    assert first == again
    other = orders.order_case_file(ctx, village.actor("reviewer"), case.id)
    assert other != first
    assert set(kept.due_ids(ctx)) == {first, other}
    with pytest.raises(Refused, match="还没有生成好"):
        orders.fetch(ctx, clerk, first)
    making.make(ctx, first)
    assert not making.make(ctx, first)
    for _ in range(2):
        orders.fetch(ctx, clerk, first)
    with ctx.sessions() as tx:
        links = tx.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.subject_id == str(first))
            .order_by(AuditEntry.id)
        ).all()
    assert links == [
        "ordered_file.open",
        "ordered_file.finish",
        "ordered_file.fetch",
        "ordered_file.fetch",
    ]


@pytest.mark.usefixtures("quick")
def test_what_was_ordered_goes_after_some_days_with_its_file(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    case = village.drafted()
    order = orders.order_case_file(ctx, clerk, case.id)
    making.make(ctx, order)
    file = orders.fetch(ctx, clerk, order)
    kept.forget_old(ctx)
    assert file.where.exists()
    village.clock.advance(days=KEPT.days, minutes=1)
    kept.forget_old(ctx)
    assert not file.where.exists()
    with ctx.sessions() as tx:
        assert tx.scalars(select(OrderedFile)).all() == []
        assert tx.get(StoredFile, file.sha256) is not None


@pytest.mark.usefixtures("quick")
def test_an_order_that_killed_three_workers_is_given_up_and_told(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    order = orders.order_case_file(ctx, clerk, village.drafted().id)
    with ctx.sessions() as tx:
        tx.execute(update(OrderedFile).values(attempts=MOST_ATTEMPTS))
        tx.commit()
    making.make(ctx, order)
    (shown,) = orders.page_of_mine(ctx, clerk, 1).rows
    assert (shown.state, shown.failure) == (OrderedState.FAILED, making.GIVEN_UP)


def test_what_goes_wrong_is_told_and_whoever_left_gets_nothing(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    case = village.drafted()
    order = orders.order_case_file(ctx, clerk, case.id)
    with ctx.sessions() as tx:
        stranger = village.actor("owner1").person_id
        tx.execute(update(OrderedFile).values(ordered_by=stranger))
        tx.commit()
    making.make(ctx, order)
    (shown,) = orders.page_of_mine(ctx, Actor(stranger), 1).rows
    assert shown.state is OrderedState.FAILED
    second = orders.order_case_file(ctx, clerk, case.id)

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(making, "bind_case_file", breaks)
    making.make(ctx, second)
    (shown,) = orders.page_of_mine(ctx, clerk, 1).rows
    assert shown.failure == making.ACCIDENT


def test_a_full_disk_is_no_fault_of_the_order(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    order = orders.order_case_file(ctx, clerk, village.drafted().id)

    def full(*_: object) -> None:
        raise OSError(28, "no room")

    monkeypatch.setattr(FileStore, "read", full)
    monkeypatch.setattr(making, "bind_case_file", full)
    with pytest.raises(OSError, match="no room"):
        making.make(ctx, order)
    (shown,) = orders.page_of_mine(ctx, clerk, 1).rows
    assert shown.state is OrderedState.OPEN


@pytest.mark.usefixtures("quick")
def test_what_somebody_handed_in_again_stays_when_the_order_is_over(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    order = orders.order_case_file(ctx, clerk, village.drafted().id)
    making.make(ctx, order)
    file = orders.fetch(ctx, clerk, order).where
    uploads.keep_upload(ctx, clerk, uploads.Read(file.read_bytes()))
    village.clock.set(village.clock() + KEPT + timedelta(minutes=1))
    kept.forget_old(ctx)
    assert orders.page_of_mine(ctx, clerk, 1).rows == []
    assert file.exists()
