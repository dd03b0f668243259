"""What services work with when nobody but a test is there."""

from functools import cache

from sqlalchemy.orm import Session, sessionmaker

from backend.clock import Clock
from backend.config import Settings
from backend.domain.city.schema import CityProfile
from backend.services.base.context import Context
from backend.store.cipher import Cipher
from backend.store.city_files import load_city
from backend.store.files import FileStore
from backend.wiring import KINDS
from tests.build.no_platform import NoPlatform

# As every house of the tests is configured, so that each can read what another sealed.
SETTINGS = Settings()


def quiet_context(sessions: sessionmaker[Session], clock: Clock, files: FileStore) -> Context:
    """A context without a platform: a test that asks one puts it in."""
    cipher = Cipher(SETTINGS.secret_key.get_secret_value())
    return Context(sessions, clock, _city(), cipher, files, NoPlatform(), KINDS)


@cache
def _city() -> CityProfile:
    return load_city(SETTINGS.city)
