"""Those who screen and guide have no interest in it of their own (SG 四: 公平公正)."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from backend.demo.seed import WORKBOOKS
from backend.domain.errors import Refused
from backend.domain.roles import GRANT_SCOPES, Role
from backend.services.purchase import changes, screening
from backend.services.reads.cases import read_case
from backend.services.reads.screening import findings_of
from backend.services.workbooks.balances_import import import_balances
from backend.store.people import AccessGrant
from backend.store.registry import Insurer
from tests.build.looking import case, codes
from tests.build.screened import MET, Shaoguan, of_shaoguan
from tests.build.village import Village


@pytest.fixture
def city(village: Village) -> Shaoguan:
    return of_shaoguan(village)


def also(city: Shaoguan, name: str, role: Role, scope: Any) -> None:
    """This person has another right beside."""
    with city.ctx.sessions() as tx:
        grant = AccessGrant(
            person_id=city.actor(name).person_id,
            role=str(role),
            scope_kind=GRANT_SCOPES[role],
            scope_id=scope,
            granted_at=city.clock(),
        )
        tx.add(grant)
        tx.commit()


def another_insurer(city: Shaoguan) -> Insurer:
    with city.ctx.sessions() as tx:
        first = tx.get_one(Insurer, city.insurer)
        other = Insurer(
            name="另一家示例财险",
            phone=first.phone,
            bank_name="示例银行",
            bank_account="6222000000000002",
            selected_from=first.selected_from,
            selected_until=first.selected_until,
            selection_basis=first.selection_basis,
        )
        tx.add(other)
        tx.commit()
        return tx.scalars(select(Insurer).where(Insurer.name == "另一家示例财险")).one()


def test_a_property_manager_screens_no_estate_of_their_own_for_the_district(
    city: Shaoguan,
) -> None:
    also(city, "district", Role.PROPERTY_MANAGER, city.estate)
    with pytest.raises(Refused) as no:
        city.screened()
    assert codes(no) == ["officer_is_party"]
    assert "属地住建部门" in no.value.refusals[0].message


@pytest.mark.parametrize("name", ["district", "clerk"])
def test_nobody_guides_an_estate_to_the_insurer_that_they_work_for(
    city: Shaoguan, name: str
) -> None:
    purchase = city.screened()
    also(city, name, Role.INSURER, city.insurer)
    guide = partial(screening.guide, city.ctx, city.actor(name), purchase.id, city.guidance())
    with pytest.raises(Refused) as no:
        guide()
    assert codes(no) == ["officer_is_party"]
    other = another_insurer(city)
    guided = screening.guide(
        city.ctx, city.actor(name), purchase.id, city.guidance(insurer_id=other.id)
    )
    assert guided.state == "guided"
    with pytest.raises(Refused) as no:
        changes.change_insurer(
            city.ctx, city.actor(name), purchase.id, city.insurer, "换成自己的公司"
        )
    assert codes(no) == ["officer_is_party"]
    assert case(city, purchase).insurer_id == other.id


def test_an_insurer_chosen_anew_reads_nothing_of_why_the_one_before_is_out(city: Shaoguan) -> None:
    purchase = city.guided()
    screening.undo_guiding(city.ctx, city.actor("clerk"), purchase.id, "原机构报价过高")
    other = another_insurer(city)
    screening.guide(city.ctx, city.actor("clerk"), purchase.id, city.guidance(insurer_id=other.id))
    with pytest.raises(Refused) as no:
        read_case(city.ctx, city.actor("insurer"), purchase.id)
    assert codes(no) == ["not_found"]
    also(city, "stranger", Role.INSURER, other.id)
    seen = read_case(city.ctx, city.actor("stranger"), purchase.id)
    assert [each.action for each in seen.transitions] == ["guide"]
    assert findings_of(city.ctx, city.actor("clerk"), purchase.id)[0].finding == MET["fund_ample"]


def test_no_building_gets_an_account_where_the_whole_city_has_the_income(city: Shaoguan) -> None:
    """SG 五（三）: what such an account got no case could spend."""
    book = (WORKBOOKS / "demo_balances.xlsx").read_bytes()
    report = import_balances(city.ctx, book, dry_run=True)
    rows = [each for each in report.problems if "全市统筹使用" in str(each)]
    assert rows
    assert all("统筹账户" in str(each) for each in rows)
