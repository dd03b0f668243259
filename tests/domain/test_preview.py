"""Every step says what follows from it, before it is taken."""

from datetime import date

import pytest

from backend.domain.facts import ActorFact, Facts
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import midnight_after
from backend.domain.preview import EFFECT_WORDS, follows
from backend.domain.routes.catalogue import offered, state_name, table_of
from backend.domain.steps import Step
from backend.store.city_files import city_codes, load_city
from tests.build.third_city import YUNXI

TODAY = date(2025, 3, 3)


CITIES = {**{code: load_city(code) for code in city_codes()}, YUNXI.code: YUNXI}


def steps(code: str) -> list[Step]:
    city = CITIES[code]
    tables = [table_of(route, city) for route in offered(city)]
    return [row for table in tables for row in table.rows if isinstance(row, Step)]


def facts(code: str) -> Facts:
    city = CITIES[code]
    route = city.routes[next(iter(offered(city)))]
    return Facts(midnight_after(TODAY), TODAY, city, route, "committee", ActorFact())


@pytest.mark.parametrize("code", CITIES)
def test_every_step_of_every_route_names_its_new_state_and_all_that_follows(code: str) -> None:
    for step in steps(code):
        sentences = list(follows(step, facts(code), WorkCalendar({})))
        assert f"“{state_name(step.target)}”" in sentences[0]
        for effect in step.effects:
            assert EFFECT_WORDS[effect] in sentences


def test_no_words_are_kept_of_effects_that_no_step_has() -> None:
    used = {effect for code in CITIES for step in steps(code) for effect in step.effects}
    assert set(EFFECT_WORDS) == used
