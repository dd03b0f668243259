"""Gate 3 (JS annex 一.3): managed by a company or by one owner alone, upkeep normal."""

from datetime import date

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.services.purchase import applications
from backend.services.reads import cases
from backend.services.reads.own_case import own_case
from backend.services.registry.management import set_sole_manager
from backend.store.audit import AuditEntry
from backend.store.notices import Evidence
from backend.store.purchases import Purchase
from backend.store.registry import Estate, Lift
from tests.build.looking import applied, at, case, codes
from tests.build.village import Village


def signed(village: Village) -> Purchase:
    """Three owners have signed, and may apply."""
    purchase = village.drafted("owners", "owner0")
    for name in ("owner1", "owner2"):
        village.person(name).cosigns(purchase.id)
    return purchase


def apply(village: Village, purchase: Purchase) -> Purchase:
    form = village.upload("owner0")
    return applications.apply(village.ctx, village.actor("owner0"), purchase.id, form)


def without_company(village: Village) -> None:
    with village.ctx.sessions() as tx:
        tx.get_one(Estate, village.estate).property_company_id = None
        tx.commit()


def inspection(village: Village, due: date | None) -> None:
    with village.ctx.sessions() as tx:
        tx.get_one(Lift, village.lifts[0]).next_inspection_on = due
        tx.commit()


def test_one_owner_who_manages_the_estate_alone_is_as_good_as_a_company(village: Village) -> None:
    purchase = signed(village)
    without_company(village)
    with pytest.raises(Refused) as no:
        apply(village, purchase)
    assert codes(no) == ["not_managed"]
    assert "附件一3" in no.value.refusals[0].message
    clerk = village.actor("clerk")
    set_sole_manager(village.ctx, clerk, village.estate, "示例集团，全部产权", "产权证复印件")
    assert apply(village, purchase).state == "applied"
    with village.ctx.sessions() as tx:
        kept = select(AuditEntry.body).where(AuditEntry.action == "estate.sole_manager")
        assert "示例集团，全部产权" in tx.scalars(kept).one().decode()


def test_it_counts_until_it_is_taken_back(village: Village) -> None:
    purchase = signed(village)
    without_company(village)
    clerk = village.actor("clerk")
    set_sole_manager(village.ctx, clerk, village.estate, "示例集团", "产权证")
    set_sole_manager(village.ctx, clerk, village.estate, None, "已转让")
    with pytest.raises(Refused, match="not_managed"):
        apply(village, purchase)


@pytest.mark.parametrize(
    ("name", "code"),
    [("manager", "not_found"), ("owner0", "not_found"), ("reviewer", "role_required")],
)
def test_only_the_centre_records_it(village: Village, name: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        set_sole_manager(village.ctx, village.actor(name), village.estate, "我", "x")


def test_an_overdue_inspection_is_seen_when_people_apply(village: Village) -> None:
    purchase = signed(village)
    inspection(village, date(2025, 3, 2))
    with pytest.raises(Refused) as no:
        apply(village, purchase)
    assert codes(no) == ["inspection_overdue"]
    assert village.codes[0] in no.value.refusals[0].message


@pytest.mark.parametrize("due", [date(2025, 3, 3), None])
def test_on_the_due_day_itself_or_without_a_known_day_nobody_is_held_up(
    village: Village, due: date | None
) -> None:
    purchase = signed(village)
    inspection(village, due)
    assert apply(village, purchase).state == "applied"


def test_and_once_more_when_the_centre_takes_it_up(village: Village) -> None:
    purchase = applied(village)
    inspection(village, date(2025, 3, 3))
    village.clock.set(at("2025-03-04 09:00"))
    with pytest.raises(Refused) as no:
        village.clerk.queries_funds(purchase.id, "维保正常")
    assert codes(no) == ["inspection_overdue"]
    inspection(village, date(2026, 3, 3))
    village.clerk.queries_funds(purchase.id, "已检验，维保正常")
    assert case(village, purchase).state == "funds_queried"


def test_what_warranty_and_fee_cover_already_is_kept_and_seen_by_centre_and_insurer(
    village: Village,
) -> None:
    purchase = village.drafted()
    words = "质保到2025年6月30日；物业费含日常维保"
    manager, form = village.actor("manager"), village.upload("manager")
    applications.apply(village.ctx, manager, purchase.id, form, words)
    for name in ("clerk", "insurer"):
        papers = cases.read_case(village.ctx, village.actor(name), purchase.id).papers
        assert words in {paper.statement for paper in papers}


def test_after_a_return_the_applicant_reads_what_was_said_and_need_not_write_it_again(
    village: Village,
) -> None:
    purchase = village.drafted()
    words, manager = "质保到2025年6月30日", village.actor("manager")
    assert own_case(village.ctx, manager, purchase.id).warranty_and_fee is None
    applications.apply(village.ctx, manager, purchase.id, village.upload("manager"), words)
    assert own_case(village.ctx, manager, purchase.id).warranty_and_fee is None
    village.clerk.returns_application(purchase.id, "缺第二页")
    assert own_case(village.ctx, manager, purchase.id).warranty_and_fee == words


def test_an_empty_word_on_it_is_no_word(village: Village) -> None:
    purchase = village.drafted()
    manager, form = village.actor("manager"), village.upload("manager")
    with pytest.raises(Refused, match="text_required"):
        applications.apply(village.ctx, manager, purchase.id, form, " ")
    assert case(village, purchase).state == "drafted"


def test_the_clerk_hands_in_the_paper_of_those_who_keep_the_lifts(village: Village) -> None:
    purchase = applied(village)
    with pytest.raises(Refused, match="file_unknown"):
        applications.query_funds(
            village.ctx, village.actor("clerk"), purchase.id, "正常", village.upload("manager")
        )
    village.clerk.queries_funds(purchase.id, "看过维保单位2月28日的记录")
    with village.ctx.sessions() as tx:
        kept = {each.kind: each for each in tx.scalars(select(Evidence))}
    assert kept["upkeep_statement"].statement == "看过维保单位2月28日的记录"
    assert kept["upkeep_record"].file_sha256 is not None
