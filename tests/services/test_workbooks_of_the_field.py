"""Workbooks as programs and people really make them: what was seen comes in, or is asked about.

Each file differs from `as-it-should-be.xlsx` in one thing, and is named after it.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.services.base.context import Context
from backend.services.base.own_words import name_of, phone_of
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.workbook import ImportReport
from backend.store.registry import Committee, CommitteeMember, Household, Lift, Owner
from tests.build.workbooks import PAPER, lines

FOLDER = Path(__file__).parents[1] / "data" / "from_the_field" / "workbooks"


def run(ctx: Context, name: str) -> ImportReport:
    return import_registry(
        ctx, (FOLDER / f"{name}.xlsx").read_bytes(), dry_run=False, mandate_paper=PAPER
    )


def bring(ctx: Context, name: str) -> None:
    report = run(ctx, name)
    assert lines(report) == []
    assert report.applied
    assert run(ctx, name).changes == 0


def owners(ctx: Context) -> dict[str, list[tuple[str, str | None]]]:
    """Names and phones of each flat, as written."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    with ctx.sessions() as tx:
        query = select(Household.room, Owner)
        query = query.join(Owner, Owner.household_id == Household.id).order_by(Owner.id)
        for room, owner in tx.execute(query):
            person = (name_of(ctx.cipher, owner), phone_of(ctx.cipher, owner))
            found.setdefault(room, []).append(person)
    return found


def places(report: ImportReport) -> Sequence[tuple[str, int | None, str | None]]:
    return [(problem.sheet, problem.row, problem.column) for problem in report.problems]


@pytest.mark.parametrize(
    "name", ["as-it-should-be", "texts-part-with-capital", "entries-with-backslashes"]
)
def test_parts_are_found_whatever_the_case_and_the_strokes_of_their_names(
    ctx: Context, name: str
) -> None:
    bring(ctx, name)
    assert owners(ctx) == {"101": [("冯样一", None)]}


def test_a_day_is_read_whole_when_a_time_stands_beside_it(ctx: Context) -> None:
    bring(ctx, "date-with-time")
    with ctx.sessions() as tx:
        lift, term = tx.scalars(select(Lift)).one(), tx.scalars(select(Committee)).one()
    assert (lift.installed_on, lift.next_inspection_on) == (date(2015, 6, 10), date(2026, 6, 20))
    assert (term.term_from, term.term_until) == (date(2024, 7, 10), date(2027, 7, 1))


def test_owners_on_lines_of_their_own_are_several(ctx: Context) -> None:
    bring(ctx, "owners-on-two-lines")
    assert owners(ctx) == {"101": [("冯样一", None), ("陈样二", None)]}


def test_owners_keep_the_phones_on_their_lines(ctx: Context) -> None:
    bring(ctx, "owners-and-phones-on-two-lines")
    assert owners(ctx)["102"] == [("褚样三", "19900000011"), ("卫样四", "19900000012")]


def test_the_formats_own_escapes_are_no_text(ctx: Context) -> None:
    bring(ctx, "escaped-carriage-return")
    assert owners(ctx) == {
        "101": [("冯样一", None)],
        "102": [("褚样三", None), ("卫样四", None)],
    }


def test_a_room_is_called_as_its_number_format_shows_it(ctx: Context) -> None:
    bring(ctx, "room-shown-with-leading-zero")
    assert list(owners(ctx)) == ["0101"]


def test_a_hidden_row_is_named_and_nothing_taken(ctx: Context) -> None:
    report = run(ctx, "hidden-row")
    assert lines(report) == [
        "房屋业主 第 3 行：本行被隐藏或筛选掉，请取消隐藏并核对，或删除后重新导入"
    ]
    assert owners(ctx) == {}


def test_a_hidden_sheet_is_named_and_nothing_taken(ctx: Context) -> None:
    report = run(ctx, "hidden-sheet")
    assert lines(report) == ["房屋业主：工作表被隐藏，请取消隐藏并核对内容后重新导入"]
    assert owners(ctx) == {}


def test_what_nobody_sees_changes_no_value(ctx: Context) -> None:
    bring(ctx, "invisible-characters")
    with ctx.sessions() as tx:
        assert set(tx.scalars(select(Household.area_dm2))) == {8935, 10260}
        lift = tx.scalars(select(Lift)).one()
    assert (lift.installed_on, lift.next_inspection_on) == (date(2015, 6, 10), date(2026, 6, 20))


def test_phones_of_hong_kong_macao_and_taiwan_and_extensions_are_kept(ctx: Context) -> None:
    bring(ctx, "phones-outside-the-mainland")
    assert {room: phone for room, [(_, phone)] in owners(ctx).items()} == {
        "101": "+85251000001",
        "102": "+85366000001",
        "103": "+886910000001",
        "104": "07438000001转801",
    }


def test_a_placeholder_or_a_remark_is_nobody(ctx: Context) -> None:
    """无 says that nobody is known, as a blank does; all else is asked about."""
    report = run(ctx, "placeholders-and-remarks")
    assert places(report) == [("房屋业主", row, "E") for row in (3, 4, 5, 6)]
    said = [problem.message for problem in report.problems]
    assert said[:2] == [
        f"“{word}”不是实际内容，请填写实际内容，没有的留空" for word in ("空置", "待定")
    ]
    assert said[2].startswith("“冯样一（已故）”含有备注或份额")
    assert said[3].startswith("“褚样三 50%”含有备注或份额")


def test_two_members_of_one_name_are_two_by_their_phones(ctx: Context) -> None:
    bring(ctx, "two-members-of-one-name")
    with ctx.sessions() as tx:
        members = tx.scalars(select(CommitteeMember).order_by(CommitteeMember.id)).all()
    assert len({member.name_hash for member in members}) == 1
    phones = [ctx.cipher.digest("phone", f"1990000002{n}") for n in (1, 2)]
    assert [(m.position, m.phone_hash) for m in members] == [
        ("主任", phones[0]),
        ("委员", phones[1]),
    ]
