"""Tables, amounts, days and several files: what is wrong is told at its cell, nothing is lost."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from sqlalchemy import func, select

from backend.desk.acts.every import ACTS, PAGES
from backend.desk.forms import Field, Known, Row
from backend.desk.pasting import fill
from backend.desk.values import Kind, value_of
from backend.domain.actions import Action
from backend.domain.errors import Refused
from backend.domain.local_time import SHANGHAI
from backend.domain.personal import masked_name
from backend.domain.refund import RefundKind
from backend.domain.roles import Role
from backend.domain.routes.catalogue import table_of
from backend.domain.steps import Activity, Step
from backend.services.base.context import Context
from backend.services.files.uploads import checked
from backend.store.notices import PublicNoticePhoto
from backend.store.purchases import Plan, Survey
from tests.build.handing_in import speckled
from tests.build.looking import vote
from tests.build.office import Office, Page
from tests.build.on_paper import signed
from tests.build.papers import pdf
from tests.build.players import appoint
from tests.build.village import Village, called

At = Callable[[str], Office]
# What is done with one objection, or as an answer to what waits for a second officer, is offered
# where that is shown; owners sign on their phones; a case begins on a page of its own.
ELSEWHERE = {
    Action.DRAFT,
    Action.COSIGN,
    Action.ANSWER_OBJECTION,
    Action.DELIVER_ANSWER,
    Action.DISMISS_OBJECTION,
    Action.UNDO_DISMISSAL,
    Action.REFUSE_REFUND,
    *(kind.step for kind in RefundKind),
}


def test_no_row_of_the_table_is_without_a_form(ctx: Context) -> None:
    tables = [table_of(code, ctx.city) for code in ("R1", "R3", "R4")]
    rows = [row for table in tables for row in table.rows if isinstance(row, Step | Activity)]
    of_people = {row.action for row in rows if row.roles != (Role.SYSTEM,)}
    assert of_people - ACTS.keys() - PAGES.keys() == ELSEWHERE


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.YUAN, "1,300.00元", 130_000),
        (Kind.YUAN, "１３００", 130_000),
        (Kind.DAY, "2025-04-01", date(2025, 4, 1)),
        (Kind.DAY, "2025年4月1日", date(2025, 4, 1)),
        (Kind.DAY, "2025/4/1", date(2025, 4, 1)),
        (Kind.MOMENT, "2025-03-05T17:30", datetime(2025, 3, 5, 9, 30, tzinfo=UTC)),
        (Kind.LINE, " ht 1 ", "HT1"),
        (Kind.WORDS, " 冯样零 ", "冯样零"),
        (Kind.WORDS, " ", None),
    ],
)
def test_what_people_type_becomes_a_value(kind: Kind, text: str, value: object) -> None:
    assert value_of(kind, text, "栏", "name") == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.YUAN, "一千三"),
        (Kind.YUAN, "-1"),
        (Kind.YUAN, "1.234"),
        (Kind.YUAN, "9" * 13),
        (Kind.DAY, "2025-02-30"),
        (Kind.DAY, "0001-01-01"),
        (Kind.DAY, "9" * 5000),
        (Kind.DAY, "明天"),
        (Kind.MOMENT, "2025-03-05T25:00"),
        (Kind.MOMENT, "2025-03-05"),
        (Kind.ID, "x"),
        (Kind.WORDS, "长" * 101),
        (Kind.WORDS, "a\0b"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(kind: Kind, text: str) -> None:
    with pytest.raises(Refused) as refused:
        value_of(kind, text, "栏", "lifts.3.premium_fen")
    assert refused.value.refusals[0].field == "lifts.3.premium_fen"


def test_a_wrong_cell_is_told_by_row_and_column_and_nothing_typed_is_lost(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = village.surveyed().id
    insurer = at_desk("insurer")
    form = insurer.open(f"/desk/cases/{case}/submit_plan")
    typed = {"lifts.0.premium_fen": "1300", "lifts.1.premium_fen": "一千三", "exclusions": "人为"}
    answer = insurer.submit(form, **typed, cover_from="明年")
    assert answer.status == 422
    assert re.search("第2行（1栋 2单元 1号梯）： ?金额“一千三”看不懂", answer.text)
    assert "“保障期间的第一天”看不懂" in answer.text
    assert answer.links["请填写“保障范围”。"] == "#scope_of_cover"
    values = answer.forms[-1].values
    assert values["lifts.0.premium_fen"] == "1300"
    assert values["lifts.1.premium_fen"] == "一千三"
    assert values["exclusions"] == "人为"
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(Plan)) == 0


def test_lines_that_name_no_lift_of_the_case_stay_to_be_mended() -> None:
    table = Field(
        "surveys",
        "查勘",
        Kind.TABLE,
        key="lift_id",
        columns=(
            Field("result", "结果", Kind.CHOICE, choices=(("passed", "通过"),)),
            Field("findings", "情况"),
        ),
    )
    rows = [Row("a", "1栋", "31104331002024000001"), Row("b", "2栋", "31104331002025000001")]
    pasted = "注册代码\t结果\n31104331002024000001\t通过\t好\n000001\t通过\t哪一台\n025000001\t未知"
    found, left = fill([table], Known(rows={"surveys": rows}), {"surveys.paste": pasted})
    assert found == {
        "surveys.0.result": "passed",
        "surveys.0.findings": "好",
        "surveys.1.result": "未知",
        "surveys.paste": "注册代码\t结果\n000001\t通过\t哪一台",
    }
    assert left == 2


def test_an_insurer_surveys_some_lifts_today_and_the_rest_tomorrow(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = village.drafted().id
    village.manager.applies(case, village.upload("manager"))
    village.clerk.queries_funds(case, "正常")
    insurer = at_desk("insurer")
    form = insurer.open(f"/desk/cases/{case}/survey")
    assert insurer.submit(form).status == 422
    half = insurer.submit(form, **{"surveys.1.result": "failed"})
    assert "第2行（1栋 2单元 1号梯）：请填写“查勘情况和问题”。" in half.text
    insurer.submit(half, **{"surveys.1.findings": "门机异响"})
    with ctx.sessions() as tx:
        [survey] = tx.scalars(select(Survey).where(Survey.purchase_id == case))
        assert (survey.lift_id, survey.result) == (village.lifts[1], "failed")
    assert "登记查勘未通过" in insurer.open(f"/desk/cases/{case}").links


def test_a_photo_that_does_not_do_keeps_no_other_back(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = village.approved()
    village.manager.drafts_notice(purchase.id)
    manager = at_desk("manager")
    page = manager.open(f"/desk/cases/{purchase.id}/photographs")
    fields = [name for name in page.forms[-1].names if name.endswith((".wide", ".close"))]
    same = speckled((800, 600))
    files = {fields[0]: same, fields[1]: same, fields[2]: b"no picture"}
    answer = manager.submit(page, **files)
    assert answer.status == 422
    assert "收下了1张照片" in answer.text
    assert answer.text.count("请到现场重新拍摄") == 1
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(PublicNoticePhoto)) == 1
    assert manager.submit(page).status == 422


def test_a_folder_of_photos_is_put_to_its_places_by_names_and_the_rest_by_hand(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = village.approved()
    village.manager.drafts_notice(purchase.id)
    manager = at_desk("manager")
    page = manager.open(f"/desk/cases/{purchase.id}/photographs")
    good, second, loose = (speckled((800, 600)) for _ in range(3))
    folder = {
        "1栋1单元近景.jpg": good,
        "1-1近.jpg": second,
        "IMG_20250303_090101.jpg": loose,
        "IMG_20250303_090101 (2).jpg": loose,
        "说明.jpg": b"no picture",
        "回执.pdf": pdf(),
    }

    def upload() -> Page:
        files = [(BytesIO(content), name) for name, content in folder.items()]
        (form,) = [each for each in page.forms if "files" in each.names]
        return Page(manager.fill(page, form, files=files))

    answer = upload()
    assert answer.status == 422
    assert "收下了1张照片" in answer.text
    assert "1栋1单元近景.jpg → 1栋1单元 近景" in answer.text
    for name, why in (
        ("1-1近.jpg", "这一处刚才已经收了一张"),
        ("IMG_20250303_090101.jpg", "文件名看不出是哪一处"),
        ("说明.jpg", "只接受 JPEG"),
        ("回执.pdf", "这是 PDF 文件"),
    ):
        assert re.search(f"{re.escape(name)}[^。]*：{why}", answer.text), (name, answer.text)
    (by_hand,) = [each for each in answer.forms if f"place.{sha(loose)}" in each.names]
    assert by_hand.names.count(f"place.{sha(loose)}") == 1
    fields = [name for name in page.forms[-1].names if name.endswith(".wide")]
    chosen = {f"place.{sha(each)}": fields[0] for each in (second, loose)}
    done = Page(manager.fill(answer, by_hand, **chosen))
    assert "1-1近.jpg → 1栋1单元 远景" in done.text
    assert re.search("IMG_20250303_090101.jpg[^。]*：这一处刚才已经收了一张", done.text)
    upload()
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(PublicNoticePhoto)) == 2


def sha(picture: bytes) -> str:
    """By what a picture is known once it was read."""
    read = checked(picture)
    assert read
    return hashlib.sha256(read.content).hexdigest()


def test_a_member_who_refuses_says_why_and_reads_the_plan_first(
    at_desk: At, village: Village
) -> None:
    case = village.planned().id
    member = at_desk("member0")
    page = member.open(f"/desk/cases/{case}")
    assert "30分钟到场" in page.text
    form = member.open(page.links["答复保险方案"])
    again = member.submit(form, answer="refuse")
    assert again.status == 422
    assert again.forms[-1].values["answer"] == "refuse"
    assert "已办理" in member.submit(again, reason="太贵").text


def test_a_clerk_enters_minutes_and_is_told_which_name_is_wrong(
    at_desk: At, village: Village, ctx: Context
) -> None:
    planned = village.planned()
    case = planned.id
    clerk = at_desk("clerk")
    opened = clerk.open(f"/desk/cases/{case}/enter_minutes")
    lines = f"{called('陈样', 0)}\t同意\n张三\t不同意\t太贵"
    form = clerk.submit(opened, **{"answers.paste": lines, "fill": "yes"})
    at = village.clock().astimezone(SHANGHAI)
    now = {"received_at": f"{at:%Y-%m-%dT%H:%M}"}
    again = clerk.submit(form, **now, file_sha256=pdf())
    assert again.status == 409
    assert re.search("第2行：", again.text)
    assert again.forms[-1].values["answers.0.answer"] == "approve"
    rest = {f"answers.1.{column}": "" for column in ("name", "answer", "reason")}
    entered = clerk.submit(again, **rest, file_sha256=pdf())
    assert "另一位经办在今日待办里对照扫描件核对以后计入" in entered.text
    own = clerk.open(clerk.open("/desk/").links["业委会会议纪要"])
    refused = Page(clerk.fill(own, own.form_to("/confirmation")))
    assert "请由另一位经办对照扫描件核对" in refused.text
    appoint(village, "supervisor", "clerk")
    other = at_desk("supervisor")
    waits = other.open(other.open("/desk/").links["业委会会议纪要"])
    assert f"{masked_name(called('陈样', 0))} 同意" in waits.text
    assert "已确认" in Page(other.fill(waits, waits.form_to("/confirmation"))).text
    for member in ("member1", "member2"):
        vote(village, planned, member, "approve")
    late = clerk.submit(opened, **{"answers.paste": lines, "fill": "yes"})
    assert (late.status, "案件有了新进展" in late.text) == (409, True)
    assert ("太贵" in late.text, "已填入表格" in late.text) == (True, False)


def test_owners_on_paper_are_entered_by_one_clerk_and_handed_in_by_another(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    form = clerk.open(clerk.open("/desk/applications").links["示例小区"])
    assert "由另一位经办对照扫描件核对" in form.text
    rows = "\n".join(
        "\t".join((one.building, one.unit, one.room, one.name)) for one in signed(0, 1, 2)
    )
    form = clerk.submit(form, **{"signatures.paste": rows, "fill": "yes"})
    wrong = clerk.submit(form, **{"signatures.2.name": "王五"}, file_sha256=pdf())
    assert "第3行：名册中该房屋没有这个姓名" in wrong.text
    begun = clerk.submit(wrong, **{"signatures.2.name": signed(2)[0].name}, file_sha256=pdf())
    assert begun.address.startswith("/desk/cases/"), begun.text
    assert "提交申请 还不能办理" in begun.text
    letter = clerk.fill(begun, begun.form_to("/applicants-letter"))
    assert (letter.status_code, letter.mimetype) == (200, "application/pdf")
    assert clerk.submit(wrong, file_sha256=pdf()).status in (409, 422)


def test_where_nobody_may_apply_there_is_no_form(at_desk: At, village: Village) -> None:
    for name in ("insurer", "auditor", "cashier"):
        office = at_desk(name)
        assert "没有您可以提出申请的小区" in office.open("/desk/applications").text
        assert office.open(f"/desk/applications/{village.estate}").status == 404


def test_what_has_no_place_any_more_is_not_offered(at_desk: At, village: Village) -> None:
    case = village.approved().id
    page = at_desk("insurer").open(f"/desk/cases/{case}")
    assert "查勘电梯" not in page.text
    assert at_desk("insurer").open(f"/desk/cases/{case}/survey").status == 409
    assert "录入会议纪要" not in at_desk("clerk").open(f"/desk/cases/{case}").text
