"""What an application must pass (JS annex 一), and what is applied for once already."""

from datetime import date

import pytest
from sqlalchemy import update

from backend.store.registry import Estate, Lift
from tests.build.calling import refused
from tests.build.looking import applied
from tests.build.players import Players, application, change, plan
from tests.build.village import Village


@pytest.mark.situation("P19")
def test_a_plan_of_some_days_is_measured_by_what_it_would_cost_for_a_year(
    players: Players, village: Village
) -> None:
    """The account has 10,000 yuan: twice 500 for a month are more in a year, twice 400 are not."""
    here = f"/purchases/{village.surveyed().id}"
    month = {"cover_ends_before": "2025-05-01"}
    dear = players.post("insurer", f"{here}/plans", plan(village, 50_000, **month))
    assert refused(dear, 409) == ["premium_above_available"]
    assert "一年" in dear.text
    cheap = players.did("insurer", f"{here}/plans", plan(village, 40_000, **month), 201)
    assert cheap["state"] == "planned"


@pytest.mark.situation("P20")
def test_one_owner_who_manages_the_estate_alone_is_as_good_as_a_company(
    players: Players, village: Village
) -> None:
    change(village.ctx, update(Estate).values(property_company_id=None))
    here = f"/purchases/{village.drafted('owners', 'owner0').id}"
    for name in ("owner0", "owner1", "owner2"):
        players.did(name, f"{here}/cosignatures")
    form = {"form_sha256": players.upload("owner0")}
    assert refused(players.post("owner0", f"{here}/application", form), 409) == ["not_managed"]
    alone = {"manager": "示例集团，全部产权", "reason": "产权证复印件"}
    there = f"/estates/{village.estate}/sole-manager"
    assert refused(players.post("owner0", there, alone), 404) == ["not_found"]
    assert players.post("clerk", there, alone).status_code == 204
    assert players.did("owner0", f"{here}/application", form)["state"] == "applied"


@pytest.mark.situation("P21")
def test_upkeep_is_stated_on_the_paper_of_those_who_keep_the_lifts(
    players: Players, village: Village
) -> None:
    words = {"upkeep_statement": "维保正常"}
    here = f"/purchases/{applied(village).id}"
    asked = f"{here}/funds-query"
    assert refused(players.post("clerk", asked, words), 422) == ["field_missing"]
    anothers = words | {"upkeep_record_sha256": players.upload("manager")}
    assert refused(players.post("clerk", asked, anothers), 422) == ["file_unknown"]
    seen = words | {"upkeep_record_sha256": players.upload("clerk")}
    assert players.did("clerk", asked, seen)["state"] == "funds_queried"
    kinds = {paper["kind"] for paper in players.saw("clerk", here)["papers"]}
    assert {"upkeep_statement", "upkeep_record"} <= kinds


@pytest.mark.situation("P21")
def test_an_overdue_inspection_is_seen_and_what_warranty_and_fee_cover_is_asked(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.drafted().id}"
    words = "质保到2025年6月30日；物业费含日常维保"
    form = {"form_sha256": players.upload("manager"), "warranty_and_fee": words}
    change(village.ctx, update(Lift).values(next_inspection_on=date(2025, 3, 2)))
    late = players.post("manager", f"{here}/application", form)
    assert refused(late, 409) == ["inspection_overdue", "inspection_overdue"]
    change(village.ctx, update(Lift).values(next_inspection_on=date(2026, 3, 2)))
    assert players.did("manager", f"{here}/application", form)["state"] == "applied"
    for name in ("clerk", "insurer"):
        papers = players.saw(name, here)["papers"]
        assert words in {paper["statement"] for paper in papers}


@pytest.mark.situation("P35")
def test_a_lift_is_applied_for_once_and_a_signed_form_serves_one_case(
    players: Players, village: Village
) -> None:
    """The second one is told at its draft, with the number of the first; a draft can be undone."""
    first, second = map(str, village.lifts)
    form = {"form_sha256": players.upload("manager")}
    one = players.did("manager", "/purchases", application(village, lift_ids=[first]), 201)
    players.did("manager", f"/purchases/{one['id']}/application", form)
    again = players.post("manager", "/purchases", application(village))
    assert refused(again, 409) == ["lift_in_open_case"]
    assert one["number"] in again.text
    theirs = application(village, lift_ids=[first], applicant="owners")
    assert refused(players.post("owner0", "/purchases", theirs), 409) == ["lift_in_open_case"]
    other = players.did("manager", "/purchases", application(village, lift_ids=[second]), 201)
    used = players.post("manager", f"/purchases/{other['id']}/application", form)
    assert refused(used, 409) == ["form_reused"]
    undone = players.did("manager", f"/purchases/{one['id']}/withdrawal", {"reason": "选错了"})
    assert undone["state"] == "withdrawn"
    assert players.did("owner0", "/purchases", theirs, 201)["state"] == "drafted"
