"""A policy comes to its end: those concerned hear in time and apply anew, or cover is over."""

from datetime import datetime
from typing import Any

import pytest

from backend.domain.local_time import SHANGHAI
from backend.services.case import renewals, steps
from backend.store.purchases import Purchase
from tests.build.looking import letters
from tests.build.players import Players, application
from tests.build.residents import token
from tests.build.village import Village

EVERYBODY = {"manager", "member0", "member1", "member2", "clerk"}


def on(village: Village, year: int, month: int, day: int) -> None:
    """The morning of that day comes, and the jobs of the night before have run."""
    village.clock.set(datetime(year, month, day, 9, tzinfo=SHANGHAI))
    steps.sweep(village.ctx)
    renewals.sweep(village.ctx)


def reminded(village: Village, purchase: Purchase) -> list[tuple[str, str]]:
    """Who was told how much time the next application has."""
    return [
        (name, data["left"])
        for name, _, data in letters(village, purchase)
        if data.get("task") == renewals.TASK
    ]


def next_start(players: Players, purchase: Purchase) -> Any:
    return players.saw("manager", f"/purchases/{purchase.id}/my-part")["next_start"]


@pytest.mark.situation("P17")
def test_the_end_of_a_policy_is_told_in_time_and_then_that_it_is_late(
    players: Players, village: Village
) -> None:
    purchase, cab = village.insured(), f"/public/lifts/{token(village)}"
    on(village, 2025, 4, 1)
    assert players.saw("stranger", cab)["covered"] is True
    start = next_start(players, purchase)
    assert (start["on"], start["late"]) == ("2025-12-01", False)
    assert reminded(village, purchase) == []
    on(village, 2025, 11, 1)
    assert set(reminded(village, purchase)) == {(name, "还有30天") for name in EVERYBODY}
    on(village, 2025, 12, 2)
    assert next_start(players, purchase)["late"] is True
    assert ("manager", "已过最迟日期，请尽快申请") in reminded(village, purchase)
    on(village, 2026, 4, 1)
    assert players.saw("manager", f"/purchases/{purchase.id}")["state"] == "expired"
    assert players.saw("stranger", cab)["covered"] is False
    assert next_start(players, purchase) is None


@pytest.mark.situation("P17")
def test_who_has_applied_for_the_next_year_is_not_reminded(
    players: Players, village: Village
) -> None:
    purchase = village.insured()
    on(village, 2025, 4, 1)
    village.clock.set(datetime(2025, 10, 20, 9, tzinfo=SHANGHAI))
    following = players.did("manager", "/purchases", application(village), 201)["id"]
    form = {"form_sha256": players.upload("manager")}
    players.did("manager", f"/purchases/{following}/application", form)
    assert next_start(players, purchase) is None
    on(village, 2025, 11, 1)
    assert reminded(village, purchase) == []
    players.did("manager", f"/purchases/{following}/withdrawal", {"reason": "另行申请"})
    assert next_start(players, purchase)["on"] == "2025-12-01"
    on(village, 2025, 11, 2)
    assert ("manager", "还有29天") in reminded(village, purchase)
