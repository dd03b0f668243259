"""进度: what stands of the plan, each figure the count of the list behind it; and 通报."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Actor, Context
from backend.services.reads.dashboard import Dashboard, read_dashboard
from backend.services.reads.progress import Progress, read_progress
from backend.services.registry.insurers import NAME_LIMIT
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Purchase
from backend.store.queries import case_list
from backend.store.queries.case_list import CaseFigure
from backend.store.registry import Estate, Insurer, Lift, Maintainer
from tests.build.counting import Counter
from tests.build.covered import insured_and_a_day_later
from tests.build.many_cases import copy_case, give_limits
from tests.build.objecting import object_to
from tests.build.office import Office
from tests.build.players import Players, change, populate_neighbours
from tests.build.screened import let_in
from tests.build.village import Village

At = Callable[[str], Office]
AT = "/desk/progress"
MOST_STATEMENTS = 12
COUNTED = re.compile("共([0-9]+)[件个台]")


def figures(office: Office, address: str) -> list[tuple[str, str]]:
    """The links of a page that are figures, with what they say."""
    answer = office.browser.get(address).text
    main = answer[answer.index("<main") :]
    return re.findall('<a href="([^"]+)"[^>]*>([0-9]+)</a>', main)


def test_every_figure_is_the_count_of_the_list_behind_it(
    at_desk: At, players: Players, ctx: Context
) -> None:
    village = players.village
    insured_and_a_day_later(village)
    with ctx.sessions() as tx:
        copy_case(ctx, tx.scalars(select(Purchase.id)).one(), 3)
    populate_neighbours(village)
    change(ctx, update(Estate).where(Estate.name == "邻里小区").values(district="邻区"))
    for table in (Insurer, Maintainer):
        longest = func.rpad(table.name, NAME_LIMIT, "司")
        change(ctx, update(table).values(name=longest))
    give_limits(ctx, datetime(2025, 4, 3, tzinfo=SHANGHAI))
    change(ctx, update(DeadlineRecord).where(DeadlineRecord.kind == "copied").values(kind="policy"))
    supervisor = at_desk("supervisor")
    last_year = {"next_inspection_on": date(2024, 4, 1), "stopped_on": date(2025, 3, 1)}
    change(ctx, update(Lift).where(Lift.id == village.lifts[0]).values(last_year))
    found = figures(supervisor, AT) + figures(supervisor, f"{AT}/oversight")
    assert len(found) >= 15
    for which in ("covered", "stopped", "inspection_over"):
        assert any(f"which={which}" in address for address, _ in found), which
    assert {figure for _, figure in found} - {"0", "1"}
    for address, figure in found:
        page = supervisor.open(address.replace("&amp;", "&"))
        counted = COUNTED.search(page.text)
        assert counted is not None, address
        assert counted[1] == figure, address


@pytest.mark.parametrize("read", [read_progress, read_dashboard])
def test_all_figures_are_of_one_moment(
    village: Village,
    ctx: Context,
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[Context, Actor], Progress | Dashboard],
) -> None:
    object_to(village, village.posted()[1])
    counted = case_list.figures

    def and_then_a_limit_passes(*asked: Any) -> Sequence[CaseFigure]:
        found = counted(*asked)
        change(ctx, update(DeadlineRecord).values(ends_before=ctx.clock()))
        return found

    monkeypatch.setattr(case_list, "figures", and_then_a_limit_passes)
    limits = read(ctx, village.actor("clerk")).limits
    assert limits
    assert not any(each.overdue for each in limits)


def test_the_bulletin_is_of_the_city_also_where_its_plan_has_no_target(
    village: Village, ctx: Context
) -> None:
    without = replace(ctx, city=replace(ctx.city, pilot_targets=None))
    progress = read_progress(without, village.actor("clerk"))
    assert (progress.of, progress.targets) == (ctx.city.name, [])


def test_only_lifts_that_are_insured_today_count(
    at_desk: At, village: Village, ctx: Context
) -> None:
    insured_and_a_day_later(village)
    clerk = at_desk("clerk")
    village.clock.set(datetime(2025, 7, 1, 9, tzinfo=SHANGHAI))
    covered = len(village.lifts)
    assert f"共{covered}台" in clerk.open(f"{AT}/lifts?which=covered").text
    words = clerk.open(AT).words
    assert {"初步试点", "已过期，还没有达到", "深化试点", "未到期，还没有达到"} <= set(words)
    change(ctx, update(Lift).where(Lift.id == village.lifts[0]).values(retired_on=ctx.clock()))
    assert f"共{covered - 1}台" in clerk.open(f"{AT}/lifts?which=covered").text
    village.clock.set(datetime(2027, 7, 1, 9, tzinfo=SHANGHAI))
    assert "没有符合条件的电梯" in clerk.open(f"{AT}/lifts?which=covered").text


def test_a_district_reads_its_own_and_no_target_and_companies_nothing(
    at_desk: At, players: Players, ctx: Context
) -> None:
    village = players.village
    insured_and_a_day_later(village)
    populate_neighbours(village)
    change(ctx, update(Estate).where(Estate.name == "邻里小区").values(district="邻区"))
    with ctx.sessions() as tx:
        own = tx.scalars(select(Estate.district_id).where(Estate.district == "邻区")).one()
        let_in(tx, village, "district", own)
        tx.commit()
    district = at_desk("district")
    page = district.open(AT)
    assert "邻区" in page.words
    assert not {"示例区", "试点目标"} & set(page.words)
    assert "没有符合条件的电梯" in district.open(f"{AT}/lifts?which=covered").text
    for who in ("manager", "insurer", "member0"):
        for address in (AT, *(f"{AT}/{each}" for each in ("bulletin", "lifts", "oversight"))):
            assert at_desk(who).browser.get(address).status_code == 404


def test_it_leaves_as_a_bulletin_and_as_workbooks_and_asks_few_questions(
    at_desk: At, village: Village, ctx: Context
) -> None:
    insured_and_a_day_later(village)
    clerk = at_desk("clerk")
    for address in (
        AT,
        f"{AT}/oversight",
        f"{AT}/lifts",
        f"{AT}/bulletin",
        f"{AT}/workbook",
        f"{AT}/lifts/workbook",
    ):
        with Counter(ctx) as counter:
            answer = clerk.browser.get(address)
        assert (answer.status_code, counter.queries <= MOST_STATEMENTS) == (200, True), address
    lifts = load_workbook(BytesIO(answer.data)).worksheets[0]
    codes = [row[0] for row in lifts.iter_rows(min_row=2, values_only=True)]
    assert codes == sorted(village.codes)
    uncovered = clerk.browser.get(f"{AT}/lifts/workbook?which=uncovered").data
    assert load_workbook(BytesIO(uncovered)).worksheets[0].max_row == 1
    first, again = (clerk.browser.get(f"{AT}/bulletin").data for _ in range(2))
    assert first.startswith(b"%PDF")
    assert first == again
