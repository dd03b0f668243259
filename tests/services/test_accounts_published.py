"""Each quarter the public account of an estate is announced to those who tell its owners."""

import pytest
from sqlalchemy import select

from backend.services.case import accounts_published
from backend.services.public import lift_tokens
from backend.store.messages import Outbox
from backend.wechat.templates import VALUE_LIMIT
from tests.build.looking import at
from tests.build.village import Village


def told(village: Village) -> list[Outbox]:
    with village.ctx.sessions() as tx:
        of_accounts = Outbox.natural_key.like("public-account/%")
        return list(tx.scalars(select(Outbox).where(of_accounts).order_by(Outbox.natural_key)))


@pytest.mark.parametrize("days", [1, 90])
def test_each_quarter_those_of_an_estate_hear_of_its_account_once(
    village: Village, days: int
) -> None:
    publish = accounts_published.publish
    clerk = village.actor("clerk")
    lift_tokens.issue_token(village.ctx, clerk, village.lifts[0], "新装电梯")
    assert publish(village.ctx) == 0, "a city begins with the quarter after its first"
    village.clock.set(at("2025-03-31 23:00"))
    assert publish(village.ctx) == 0
    village.clock.set(at("2025-04-01 09:00"))
    village.clock.advance(days=days - 1)
    written = publish(village.ctx)
    assert written == len(told(village)) > 0
    assert publish(village.ctx) == 0, "once"
    heard = {row.person_id for row in told(village)}
    assert heard == {
        village.actor(name).person_id for name in ("manager", "member0", "member1", "member2")
    }
    assert {row.role for row in told(village)} == {"property_manager", "committee_member"}
    for row in told(village):
        assert "公开账目" in row.data["count"]
        assert all(len(value) <= VALUE_LIMIT for name, value in row.data.items() if name != "page")
    village.clock.set(at("2025-07-01 09:00"))
    assert publish(village.ctx) == written, "and again with the next"


def test_nobody_is_sent_to_scan_a_code_that_no_lift_has(village: Village) -> None:
    accounts_published.publish(village.ctx)
    village.clock.set(at("2025-04-01 09:00"))
    assert accounts_published.publish(village.ctx) == 0
