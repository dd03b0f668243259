"""Shaoguan's route: an estate is screened and guided, and the city's pools pay (SG 四, 五)."""

from datetime import datetime

import pytest

from backend.domain.local_time import SHANGHAI
from backend.services.case.steps import sweep
from tests.build.looking import assert_sound, case
from tests.build.screened import Shaoguan, of_shaoguan
from tests.build.village import Village


@pytest.fixture
def city(village: Village) -> Shaoguan:
    return of_shaoguan(village)


def test_a_screened_estate_is_insured_out_of_the_citys_pools(city: Shaoguan) -> None:
    purchase = city.insured()
    city.clock.set(datetime(2025, 4, 1, 0, 1, tzinfo=SHANGHAI))
    sweep(city.ctx)
    assert case(city, purchase).state == "in_force"
    assert_sound(city)
