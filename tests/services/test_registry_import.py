"""The property company's inventory comes in whole or not at all."""

import random
import re
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update

from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.base.own_words import name_of, phone_of
from backend.services.workbooks.registry_checks import check_registry
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.templates import template
from backend.services.workbooks.workbook import ImportReport, read_workbook
from backend.store.audit import AuditEntry
from backend.store.mandates import Mandate
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Lift,
    LiftToken,
    LiftUnit,
    Owner,
    PropertyCompany,
    Unit,
)
from tests.build.counting import Counter
from tests.build.workbooks import PAPER, Rows, lines, registry_file, registry_rows, with_texts
from tests.data.make_demo_workbook import (
    BALANCES_FILE,
    REGISTRY_FILE,
    balances_workbook,
    registry_workbook,
)


def edited(change: Callable[[openpyxl.Workbook], object], rows: Rows | None = None) -> bytes:
    """The small workbook after somebody worked on it in a spreadsheet."""
    book = openpyxl.load_workbook(BytesIO(registry_file(rows or registry_rows())))
    change(book)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def run(ctx: Context, content: bytes, dry_run: bool = False) -> ImportReport:
    return import_registry(ctx, content, dry_run, mandate_paper=PAPER)


def count(ctx: Context, model: type[Any]) -> int:
    with ctx.sessions() as tx:
        return tx.scalars(select(func.count()).select_from(model)).one()


def test_a_mandate_comes_only_with_the_committees_own_paper(ctx: Context) -> None:
    """The company hands the workbook in, and is whom it mandates."""
    rows = registry_rows()

    def brought(paper: str) -> list[str]:
        return lines(import_registry(ctx, registry_file(rows), False, mandate_paper=paper))

    (problem,) = brought(" ")
    assert problem.startswith("委托 第 2 行 B 列（委托开始）：系统中没有这份委托，请由中心")
    assert count(ctx, Estate) == count(ctx, Mandate) == 0
    assert brought(PAPER) == []
    assert brought("") == []  # it says what is on record
    rows["委托"][0][2] = "2026-12-31"
    (problem,) = brought("")
    assert problem.startswith("委托 第 2 行 C 列（委托截止）：系统中这份委托到 2025-12-31 为止，")
    assert brought("续签合同 2026-1") == []
    with ctx.sessions() as tx:
        assert tx.scalars(select(Mandate.valid_until)).one() == date(2026, 12, 31)
        links = select(AuditEntry.body).where(AuditEntry.action == "registry.import")
        first, last = [body.decode() for body in tx.scalars(links.order_by(AuditEntry.seq))]
    assert PAPER in first
    assert "续签合同 2026-1" in last


def test_the_demo_estate_comes_in_whole(ctx: Context) -> None:
    report = run(ctx, REGISTRY_FILE.read_bytes())
    assert report.applied
    assert lines(report) == []
    assert {name: counts.added for name, counts in report.counts.items()} == {
        "物业公司": 1, "小区": 1, "楼栋": 5, "单元": 12, "房屋": 1056, "业主": 1152,
        "维保单位": 2, "电梯": 24, "电梯服务的单元": 24, "电梯二维码": 24,
        "业委会": 1, "委员": 5, "委托": 1,
    }  # fmt: skip
    with ctx.sessions() as tx:
        committee = tx.scalars(select(Committee)).one()
        assert (committee.term_from, committee.term_until) == (date(2024, 7, 1), date(2027, 7, 1))
        assert audit.verify(tx).ok


def test_the_same_workbook_twice_changes_nothing(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    with ctx.sessions() as tx:
        before = tx.scalars(select(func.count()).select_from(AuditEntry)).one()
        tokens = set(tx.scalars(select(LiftToken.token)))
    again = run(ctx, registry_file(registry_rows()))
    assert (again.problems, again.changes) == ((), 0)
    assert again.counts["业主"].same == 3
    with ctx.sessions() as tx:
        assert tx.scalars(select(func.count()).select_from(AuditEntry)).one() == before
        assert set(tx.scalars(select(LiftToken.token))) == tokens


def test_a_dry_run_counts_and_writes_nothing(ctx: Context) -> None:
    report = run(ctx, registry_file(registry_rows()), dry_run=True)
    assert report.counts["房屋"].added == 3
    assert not report.applied
    assert count(ctx, Estate) == count(ctx, PropertyCompany) == count(ctx, AuditEntry) == 0


def test_one_bad_row_keeps_everything_out(ctx: Context) -> None:
    rows = registry_rows()
    rows["房屋业主"][2][3] = "118.485"
    report = run(ctx, registry_file(rows))
    assert lines(report) == [
        "房屋业主 第 4 行 D 列（建筑面积（平方米））：118.485 超过两位小数，请核对后填两位小数"
    ]
    assert count(ctx, Estate) == 0


def test_a_changed_value_updates_by_natural_key_and_nothing_is_deleted(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    rows = registry_rows()
    rows["房屋业主"][0][3] = "90.00"
    rows["房屋业主"][0][5] = None
    rows["电梯"][1][1:3] = ["1栋", "1单元"]
    rows["电梯"][1][3] = "2号梯"
    rows["业委会"][1][6] = date(2025, 2, 1)
    del rows["房屋业主"][1]
    report = run(ctx, registry_file(rows))
    changed = {name for name, counts in report.counts.items() if counts.changed}
    assert changed == {"房屋", "电梯", "电梯服务的单元", "委员"}
    assert report.counts["房屋"].unlisted == 1
    with ctx.sessions() as tx:
        unit = select(Unit.id).where(Unit.name == "1单元").scalar_subquery()
        flats = tx.scalars(select(Household).where(Household.unit_id == unit))
        areas = {flat.room: flat.area_dm2 for flat in flats}
        assert areas == {"101": 9000, "102": 10260}
        # A blank phone says “not known”, not “none any more”.
        phone = ctx.cipher.digest("phone", "19900000001")
        assert tx.scalars(select(Owner.phone_hash).where(Owner.phone_hash == phone)).all()


def test_what_is_written_otherwise_is_found_again_and_stays_as_first_written(ctx: Context) -> None:
    first = registry_rows()
    first["小区"][0][4] = first["委托"][0][0] = "测试（湖南）物业"
    first["房屋业主"][0][4] = "玛依拉·样力"
    assert run(ctx, registry_file(first)).applied
    rows = registry_rows()
    rows["小区"][0][0] = "ｔest-01"
    rows["小区"][0][4] = rows["委托"][0][0] = "测试(湖南) 物业"
    rows["楼栋单元"] = [["1号楼", "一单元"], ["一栋", "２单元"]]
    for row in rows["房屋业主"]:
        row[0:3] = ["1幢", row[1], f"{row[2]}室"]
    rows["房屋业主"][0][4] = "玛依拉.样力"
    rows["房屋业主"][1][4] = "李 示宁\n王示\u200b和"
    for row in rows["电梯"]:
        row[0] = row[0].lower()
    again = run(ctx, registry_file(rows))
    assert (lines(again), again.changes) == ([], 0)
    with ctx.sessions() as tx:
        assert tx.scalars(select(PropertyCompany.name)).all() == ["测试（湖南）物业"]
        assert set(tx.scalars(select(Household.room))) == {"101", "102"}
        assert count(ctx, Owner) == 3


@pytest.mark.parametrize(
    ("sheet", "row", "letter", "message"),
    [
        ("楼栋单元", ["1号楼", "1单元"], "B", "单元“1号楼 1单元”与第 2 行重复，只是写法不同"),
        ("房屋业主", ["1栋", "1单元", "101室", 89, None, None], "C", "重复，只是写法不同"),
    ],
)
def test_one_place_in_two_spellings_is_asked_about(
    sheet: str, row: list[Any], letter: str, message: str
) -> None:
    rows = registry_rows()
    rows[sheet].append(row)
    book = read_workbook(registry_file(rows), REGISTRY_SHEETS)
    check_registry(book)
    (problem,) = book.problems
    assert (problem.sheet, problem.column) == (sheet, letter)
    assert message in problem.message


def test_one_maintainer_has_one_phone_however_it_is_written(ctx: Context) -> None:
    rows = registry_rows()
    rows["电梯"][1][7:9] = ["测试 维保", "（0743）0000001"]
    assert run(ctx, registry_file(rows)).applied
    rows["电梯"][1][8] = "0743-0000002"
    (problem,) = run(ctx, registry_file(rows)).problems
    assert "电话不一致" in problem.message


def served(ctx: Context) -> dict[str, tuple[str, list[str]]]:
    """For each lift the unit where it stands, and all that it serves."""
    with ctx.sessions() as tx:
        home = dict(
            tx.execute(
                select(Lift.registration_code, Unit.name).join(Unit, Unit.id == Lift.unit_id)
            ).all()
        )
        rows = tx.execute(
            select(Lift.registration_code, Unit.name)
            .join(LiftUnit, LiftUnit.lift_id == Lift.id)
            .join(Unit, Unit.id == LiftUnit.unit_id)
            .order_by(Unit.name)
        ).all()
    return {code: (home[code], [unit for of, unit in rows if of == code]) for code in home}


def test_a_lift_stands_in_the_unit_named_first_and_serves_them_all(ctx: Context) -> None:
    rows = registry_rows()
    rows["电梯"][0][2] = " 2单元、１单元"
    rows["电梯"][1][3] = "2号梯"
    report = run(ctx, registry_file(rows))
    assert report.counts["电梯服务的单元"].added == 3
    assert served(ctx) == {
        "TEST000001": ("2单元", ["1单元", "2单元"]),
        "TEST000002": ("2单元", ["2单元"]),
    }
    assert run(ctx, registry_file(rows)).changes == 0
    rows["电梯"][0][2] = "1单元"
    again = run(ctx, registry_file(rows))
    assert (again.counts["电梯"].changed, again.counts["电梯服务的单元"].changed) == (1, 1)
    assert served(ctx)["TEST000001"] == ("1单元", ["1单元"])


@pytest.mark.parametrize(
    ("units", "name", "column", "message"),
    [
        ("1单元、9单元", "1号梯", "C", "“楼栋单元”表中没有1栋 9单元"),
        ("1单元、1单元", "1号梯", "C", "同一单元写了两次"),
        ("1单元、2单元", "1号梯", "D", "电梯名称“1栋 2单元 1号梯”与第 2 行重复"),
    ],
)
def test_each_unit_that_a_lift_serves_is_known_and_its_name_is_free_there(
    ctx: Context, units: str, name: str, column: str, message: str
) -> None:
    rows = registry_rows()
    rows["电梯"].reverse()
    rows["电梯"][1][2:4] = [units, name]
    (problem,) = run(ctx, registry_file(rows)).problems
    assert (problem.sheet, problem.row, problem.column) == ("电梯", 3, column)
    assert message in problem.message


def test_names_and_phones_lie_sealed_and_hashed(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    with ctx.sessions() as tx:
        name = ctx.cipher.digest("name", "李示宁")
        owner = tx.scalars(select(Owner).where(Owner.name_hash == name)).one()
        member = tx.scalars(select(CommitteeMember).where(CommitteeMember.name_hash == name)).one()
        assert name_of(ctx.cipher, owner) == name_of(ctx.cipher, member) == "李示宁"
        assert phone_of(ctx.cipher, owner) == "19900000002"
        assert member.recused
        (body,) = tx.scalars(select(AuditEntry.body))
        assert "李示宁" not in body.decode()


def test_every_lift_gets_a_token_of_128_random_bits(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    with ctx.sessions() as tx:
        tokens = list(tx.scalars(select(LiftToken.token)))
    assert len(set(tokens)) == 2
    assert all(re.fullmatch(r"[0-7][0-9a-hjkmnp-tv-z]{25}", token) for token in tokens)


@pytest.mark.parametrize(
    ("known", "listed"), [("测试物业", "另一物业"), ("测试物业", None), (None, "测试物业")]
)
def test_a_later_workbook_changes_no_company_that_manages_an_estate(
    ctx: Context, known: str | None, listed: str | None
) -> None:
    rows = registry_rows()
    for company in (known, listed):
        rows["小区"][0][4] = company
        rows["委托"] = [[company, "2024-07-15", "2025-12-31"]] if company else []
        report = run(ctx, registry_file(rows))
    (problem,) = report.problems
    assert (problem.sheet, problem.row, problem.column) == ("小区", 2, "E")
    assert (known or "没有登记") in problem.message
    with ctx.sessions() as tx:
        found = select(PropertyCompany.name).join(
            Estate, Estate.property_company_id == PropertyCompany.id
        )
        assert tx.scalar(found) == known


def test_a_mandate_that_ended_with_its_company_is_not_brought_back_by_a_workbook(
    ctx: Context,
) -> None:
    assert run(ctx, registry_file(registry_rows())).applied
    with ctx.sessions() as tx:
        tx.execute(update(Mandate).values(ended_on=date(2025, 2, 1)))
        tx.commit()
    (problem,) = run(ctx, registry_file(registry_rows())).problems
    assert (problem.sheet, problem.row, problem.column) == ("委托", 2, "B")
    assert "2025-02-01 随物业变更终止" in problem.message
    given_anew = registry_rows()
    given_anew["委托"] = [["测试物业", "2025-02-10", "2025-12-31"]]
    assert run(ctx, registry_file(given_anew)).counts["委托"].added == 1


def test_the_last_days_in_a_workbook_are_included(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    with ctx.sessions() as tx:
        assert tx.scalars(select(Committee.term_until)).one() == date(2027, 7, 1)
        assert tx.scalars(select(Mandate.valid_until)).one() == date(2025, 12, 31)


BAD_CELLS = [
    ("房屋业主", 0, 3, "89.355", "D", "超过两位小数"),
    ("房屋业主", 0, 3, "八十九", "D", "不是数字"),
    ("房屋业主", 0, 3, "0", "D", "面积应大于 0"),
    ("房屋业主", 0, 3, "89.35㎡", "D", "不是数字"),
    ("房屋业主", 0, 3, date(2024, 1, 5), "D", "不是数字"),
    ("房屋业主", 0, 3, None, "D", "不能为空"),
    ("房屋业主", 0, 5, "1990000", "F", "“1990000”不是有效电话"),
    ("房屋业主", 1, 5, "19900000002", "F", "有 2 位业主、1 个电话"),
    ("房屋业主", 0, 4, "张示安、张示安", "E", "姓名重复"),
    ("房屋业主", 0, 2, date(2024, 1, 2), "C", "转成了日期"),
    ("房屋业主", 0, 2, 1.5, "C", "设为“文本”格式"),
    ("房屋业主", 0, 2, True, "C", "逻辑值"),
    ("房屋业主", 0, 2, "x" * 201, "C", "超过 200 个字"),
    ("房屋业主", 1, 2, "101", "C", "与第 2 行重复"),
    ("房屋业主", 0, 1, "9单元", "B", "“楼栋单元”表中没有1栋 9单元"),
    ("房屋业主", 0, 3, "=1+1", "D", "是公式"),
    ("楼栋单元", 1, 1, "1单元", "B", "与第 2 行重复"),
    ("电梯", 1, 0, "TEST000001", "A", "与第 2 行重复"),
    ("电梯", 1, 0, 31104331002015010001, "A", "设为“文本”格式"),
    ("电梯", 1, 0, "梯", "A", "不是有效编号"),
    ("电梯", 1, 5, "2016-02-30", "F", "不是有效日期"),
    ("电梯", 1, 5, 20160702, "F", "是数字，不是日期"),
    ("电梯", 1, 5, 42156, "F", "是数字，不是日期"),
    ("电梯", 1, 5, "1899-01-01", "F", "不在 1980 年"),
    ("电梯", 0, 6, date(2015, 6, 1), "G", "应晚于安装日期"),
    ("电梯", 0, 8, "12345678", "I", "不是有效电话"),
    ("电梯", 1, 8, "0743-0000001", "H", "请补填维保单位"),
    ("业委会", 1, 2, "张示安", "C", "与第 2 行是同一位委员"),
    ("业委会", 1, 1, "2028-06-30", "B", "任期截止不一致"),
    ("业委会", 1, 0, "2026-07-01", "A", "与上一届任期重叠"),
    ("业委会", 1, 5, "也许", "F", "应填“是”或“否”"),
    ("业委会", 1, 4, "19900000001、19900000002", "E", "只填一个"),
    ("委托", 0, 2, "2027-07-01", "B", "不在“业委会”表的同一届任期内"),
    ("委托", 0, 2, "2024-07-01", "C", "委托截止早于委托开始"),
    ("委托", 0, 0, "别的物业", "A", "物业公司不一致"),
    ("小区", 0, 5, "91433100", "F", "统一社会信用代码"),
]


@pytest.mark.parametrize(("sheet", "place", "cell", "value", "letter", "message"), BAD_CELLS)
def test_a_bad_cell_is_named_with_its_place(
    sheet: str, place: int, cell: int, value: Any, letter: str, message: str
) -> None:
    rows = registry_rows()
    rows[sheet][place][cell] = value
    book = read_workbook(registry_file(rows), REGISTRY_SHEETS)
    check_registry(book)
    found = [(p.sheet, p.row, p.column) for p in book.problems if message in p.message]
    assert found == [(sheet, place + 2, letter)], book.problems


def test_every_bad_row_is_reported_in_reading_order(ctx: Context) -> None:
    rows = registry_rows()
    rows["电梯"][1][5] = "昨天"
    rows["房屋业主"][2][3] = "-1"
    rows["房屋业主"][0][3] = None
    rows["房屋业主"][0][5] = "123"
    places = [(p.sheet, p.row, p.column) for p in run(ctx, registry_file(rows)).problems]
    assert places == [
        ("房屋业主", 2, "D"), ("房屋业主", 2, "F"), ("房屋业主", 4, "D"), ("电梯", 3, "F"),
    ]  # fmt: skip


def test_numbers_and_dates_are_read_as_people_write_them(ctx: Context) -> None:
    rows = registry_rows()
    rows["房屋业主"][0][2:4] = ["１０１ ", "８９．３５"]
    rows["房屋业主"][1][2:4] = [102, 102.6]
    rows["房屋业主"][2][3] = "1,118.4"
    rows["电梯"][0][5:7] = ["2015年6月1日", "2025/6/1"]
    rows["电梯"][1][5] = datetime(2016, 7, 2, 8, 30)  # noqa: DTZ001 - cells have no zone
    report = run(ctx, registry_file(rows))
    assert lines(report) == []
    with ctx.sessions() as tx:
        assert set(tx.scalars(select(Household.area_dm2))) == {8935, 10260, 111840}
        assert set(tx.scalars(select(Household.room))) == {"101", "102"}
        installed = set(tx.scalars(select(Lift.installed_on)))
        assert installed == {date(2015, 6, 1), date(2016, 7, 2)}


def test_a_registration_code_of_another_estate_is_refused(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    rows = registry_rows()
    rows["小区"][0][0] = "TEST-02"
    report = run(ctx, registry_file(rows))
    assert [(p.row, p.column) for p in report.problems] == [(2, "A"), (3, "A")]
    assert "已登记在另一个小区" in report.problems[0].message
    assert count(ctx, Estate) == 1


def test_a_term_that_overlaps_an_earlier_workbook_is_refused(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    rows = registry_rows()
    for row in rows["业委会"]:
        row[0:2] = ["2027-06-30", "2030-06-30"]
    rows["委托"] = []
    (first, _) = run(ctx, registry_file(rows)).problems
    assert "与系统中 2024-07-01 起的一届任期重叠" in first.message


def test_the_credit_code_of_another_company_is_refused(ctx: Context) -> None:
    rows = registry_rows()
    rows["小区"][0][5] = "91433100DEMO000001"
    run(ctx, registry_file(rows))
    rows["小区"][0][4] = rows["委托"][0][0] = "改名物业"
    named, coded = run(ctx, registry_file(rows)).problems
    assert (named.column, coded.column) == ("E", "F")
    assert "该信用代码已登记为“测试物业”" in coded.message


def test_a_missing_sheet_and_a_missing_column_are_named(ctx: Context) -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        del book["委托"]
        book["电梯"]["F1"] = "日期"

    assert lines(run(ctx, edited(spoil))) == [
        "电梯 第 1 行：第 1 行缺少“安装日期”列，请使用模板的表头",
        "委托：缺少工作表“委托”，请使用模板填写",
    ]


def test_a_repeated_column_is_named(ctx: Context) -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        book["电梯"]["K1"] = "品牌"

    (problem,) = run(ctx, edited(spoil)).problems
    assert (problem.column, problem.heading) == ("K", "品牌")


def test_columns_may_stand_in_any_order_with_others_between(ctx: Context) -> None:
    def move(book: openpyxl.Workbook) -> None:
        book["电梯"].insert_cols(1)
        book["电梯"]["A1"] = "备注"
        book["电梯"]["A2"] = "随便写"

    assert run(ctx, edited(move)).applied


def test_merged_cells_formulas_and_error_values_are_refused(ctx: Context) -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        book["房屋业主"].merge_cells("A2:A3")
        book["房屋业主"]["D4"] = "=SUM(D2:D3)"
        book["电梯"]["E2"] = "#N/A"
        book["电梯"]["E2"].data_type = "e"

    messages = "\n".join(lines(run(ctx, edited(spoil))))
    assert "房屋业主：有合并单元格 A2:A3" in messages
    assert "房屋业主 第 4 行 D 列（建筑面积（平方米））：是公式" in messages
    assert "电梯 第 2 行 E 列（品牌）：是错误值 #N/A" in messages


def test_a_template_as_it_is_has_no_rows(ctx: Context) -> None:
    report = run(ctx, template("registry"))
    assert lines(report) == [
        f"{name}：没有数据，请从第 2 行起填写" for name in ("小区", "楼栋单元", "房屋业主", "电梯")
    ]


def zipped(parts: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """The small workbook with one part replaced."""
    with zipfile.ZipFile(BytesIO(registry_file(registry_rows()))) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    return zipped({**parts, name: content})


def as_excel_writes(content: bytes, strings: bytes | None = None) -> bytes:
    """The workbook with its texts in the shared table, in runs and with reading aids."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    texts: list[bytes] = []

    def move(found: re.Match[bytes]) -> bytes:
        texts.append(found[2])
        return b'<c%s t="s"><v>%d</v></c>' % (found[1], len(texts) - 1)

    for part in parts:
        if part.startswith("xl/worksheets/sheet"):
            inline = rb'<c([^>]*?) t="inlineStr"[^>]*><is><t[^>]*>([^<]*)</t></is></c>'
            parts[part] = re.sub(inline, move, parts[part])
    assert texts
    items = b"".join(
        b'<si><r><t>%s</t></r><r><t>%s</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si>'
        % (text.decode()[:1].encode(), text.decode()[1:].encode())
        for text in texts
    )
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = b'<x:sst xmlns:x="%s">%s</x:sst>' % (namespace, items.replace(b"<", b"<x:").replace(
        b"<x:/", b"</x:"))  # fmt: skip
    return zipped(with_texts(parts, strings or table))


def test_texts_in_the_shared_table_are_read_whole(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    again = run(ctx, as_excel_writes(registry_file(registry_rows())))
    assert (lines(again), again.changes) == ([], 0)


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
NOT_WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": "小区，楼栋".encode,
    "a cut file": lambda: registry_file(registry_rows())[:-2000],
    "another zip": lambda: zipped({"a.txt": b"a"}),
    "an old or locked file": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000),
    "broken XML": lambda: with_part("xl/workbook.xml", b"<workbook><sheets>"),
    "a string that is not there": lambda: as_excel_writes(
        registry_file(registry_rows()), b"<sst/>"
    ),
    "entities": lambda: as_excel_writes(registry_file(registry_rows()), ENTITIES),
    "a bomb": lambda: with_part("xl/styles.xml", bytes(60 * 1024 * 1024)),
    "fifty megabytes": lambda: random.Random(1).randbytes(1024) * 50 * 1024,
}


@pytest.mark.parametrize("what", NOT_WORKBOOKS)
def test_what_is_not_a_workbook_gets_one_clear_sentence(ctx: Context, what: str) -> None:
    report = run(ctx, NOT_WORKBOOKS[what]())
    (problem,) = report.problems
    assert re.match(r"文件.*请.*\.xlsx|文件.*请", problem.line()), problem
    assert count(ctx, Estate) == 0


def test_a_damaged_workbook_never_raises(ctx: Context) -> None:
    content = registry_file(registry_rows())
    chance = random.Random(7)
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 30)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        assert run(ctx, bytes(damaged), dry_run=True).lines()


def test_an_import_takes_a_fixed_number_of_statements(ctx: Context) -> None:
    with Counter(ctx) as small:
        run(ctx, registry_file(registry_rows()))
    rows = registry_rows()
    rows["小区"][0][0] = "TEST-02"
    rows["电梯"] = [[f"MANY{n:06d}", "1栋", "1单元", f"{n}号梯", *rows["电梯"][0][4:]]
                  for n in range(40)]  # fmt: skip
    rows["房屋业主"] = [
        ["1栋", "1单元", f"{n}", "89.35", f"张{chr(0x4E00 + n)}一", None] for n in range(500)
    ]
    with Counter(ctx) as large:
        assert run(ctx, registry_file(rows)).applied
    assert large.queries <= small.queries


def test_the_committed_demo_is_what_its_maker_makes() -> None:
    def parts(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert parts(REGISTRY_FILE.read_bytes()) == parts(registry_workbook())
    assert parts(BALANCES_FILE.read_bytes()) == parts(balances_workbook())


def test_two_imports_at_once_do_not_clash(ctx: Context) -> None:
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _: run(ctx, registry_file(registry_rows())), range(3)))
    assert [lines(report) for report in reports] == [[], [], []]
    assert sorted(report.changes > 0 for report in reports) == [False, False, True]
    assert count(ctx, Household) == 3


def test_buildings_of_two_estates_do_not_mix(ctx: Context) -> None:
    run(ctx, registry_file(registry_rows()))
    rows = registry_rows()
    rows["小区"][0][0] = "TEST-02"
    for number, row in enumerate(rows["电梯"]):
        row[0] = f"OTHER{number:05d}"
    assert run(ctx, registry_file(rows)).applied
    assert (count(ctx, Building), count(ctx, Household), count(ctx, Lift)) == (2, 6, 4)
