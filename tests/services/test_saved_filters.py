"""What narrows a list is kept under a name, for oneself or for an office of the centre."""

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.services.base.context import Context
from backend.services.lists import saved
from backend.services.people import account_deletion
from backend.store.desk import SavedFilter
from backend.store.people import Person
from tests.build.looking import also
from tests.build.village import Village


def names(village: Village, name: str, list_name: str = "cases") -> list[tuple[str, str | None]]:
    found = saved.filters_of(village.ctx, village.actor(name), list_name)
    return [(each.name, each.office) for each in found]


def test_ones_own_are_seen_by_nobody_else_and_an_offices_by_its_holders(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    also(village, "auditor", "clerk")
    saved.save(ctx, clerk, "cases", "大家的", "clerk", {"state": ["applied"]})
    saved.save(ctx, clerk, "cases", "我的", "", {})
    saved.save(ctx, village.actor("reviewer"), "cases", "我的", "", {})
    assert names(village, "clerk") == [("我的", None), ("大家的", "中心经办")]
    assert names(village, "auditor") == [("大家的", "中心经办")]
    assert names(village, "reviewer") == [("我的", None)]
    assert names(village, "clerk", "estates") == names(village, "manager") == []
    mine, offices = saved.filters_of(ctx, clerk, "cases")
    with pytest.raises(Refused, match="not_found"):
        saved.drop(ctx, village.actor("auditor"), mine.id)
    assert saved.drop(ctx, village.actor("auditor"), offices.id) == "cases"
    assert names(village, "clerk") == [("我的", None)]


def test_it_is_saved_for_ones_own_office_of_the_centre_and_a_list_that_there_is(
    village: Village,
) -> None:
    ctx, auditor = village.ctx, village.actor("auditor")
    also(village, "auditor", "clerk")
    also(village, "auditor", "insurer", village.insurer)
    offices = [("auditor", "审计"), ("clerk", "中心经办")]
    assert list(saved.offices_of(ctx, auditor)) == offices
    assert saved.offices_of(ctx, village.actor("insurer")) == []
    for list_name, name, office, code in (
        ("nothing", "名称", "", "not_found"),
        ("cases", " ", "", "text_required"),
        ("cases", "名" * (saved.NAME_LIMIT + 1), "", "text_too_long"),
        ("cases", "名称", "insurer", "role_required"),
        ("cases", "名称", "reviewer", "role_required"),
    ):
        with pytest.raises(Refused, match=code):
            saved.save(ctx, auditor, list_name, name, office, {})
    assert names(village, "auditor") == []


def test_the_same_name_again_takes_its_place_and_twenty_are_enough(
    village: Village, ctx: Context
) -> None:
    clerk = village.actor("clerk")
    for words in ("甲", "乙"):
        saved.save(ctx, clerk, "cases", "同名", "", {"words": [words], "page": ["7"]})
    (one,) = saved.filters_of(ctx, clerk, "cases")
    assert one.address == {"words": ["乙"], "sort": ["due"]}
    for nth in range(saved.MOST - 1):
        saved.save(ctx, clerk, "cases", f"第{nth}个", "", {})
    with pytest.raises(Refused, match="filters_too_many"):
        saved.save(ctx, clerk, "cases", "又一个", "", {})
    with ctx.sessions() as tx:
        account_deletion.erase(tx, ctx, tx.get_one(Person, clerk.person_id), None)
        tx.commit()
        assert tx.scalars(select(SavedFilter)).all() == []


def test_an_offices_filter_outlives_whoever_saved_it(village: Village, ctx: Context) -> None:
    clerk = village.actor("clerk")
    saved.save(ctx, clerk, "cases", "自己的", "", {})
    saved.save(ctx, clerk, "cases", "大家的", "clerk", {})
    with ctx.sessions() as tx:
        account_deletion.erase(tx, ctx, tx.get_one(Person, clerk.person_id), None)
        tx.commit()
        assert tx.scalars(select(SavedFilter.name)).all() == ["大家的"]
