"""A whole city on this machine, and phones to use it with."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.city import City, running_city
from tests.e2e.phone import NORMAL, Phone


@pytest.fixture(scope="session")
def city(server_dir: Path) -> Iterator[City]:
    with running_city(server_dir / "city") as running:
        yield running


@pytest.fixture(scope="session")
def facts(city: City) -> dict[str, str]:
    return city.facts()


@pytest.fixture
def phone_of(city: City, browser: Browser) -> Iterator[Callable[..., Phone]]:
    """Gives the phone of a person; at the end each is put away and must have met no error."""
    phones: list[Phone] = []

    def give(person: str, font: int = NORMAL) -> Phone:
        phone = Phone(browser, city.settings.wechat_url, person, font)
        phones.append(phone)
        return phone

    yield give
    for phone in phones:
        phone.close()
