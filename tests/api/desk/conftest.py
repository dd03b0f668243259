"""The officers' desk beside the API, on one test's database."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend import wiring
from backend.config import Settings
from backend.desk.app import create_desk
from backend.http.parts import NAME, ApiParts
from backend.programs import api as api_program
from tests.build.desk_forms import endpoints, promised
from tests.build.office import SENT, Authenticator, Office
from tests.build.proving import SECRET
from tests.build.village import TOKEN, Village


@pytest.fixture(scope="session")
def shared_desk() -> Flask:
    """One app for one test after the other, as `shared_app`."""
    return create_desk(api_program.api_parts(wiring.build(Settings())))


@pytest.fixture(autouse=True)
def forms_are_sent(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that promises to send some forms as a browser without script does has sent them."""
    name = getattr(request.node, "originalname", request.node.name)
    forms = promised(str(request.node.path), name)
    app: Flask | None = request.getfixturevalue("shared_desk") if forms else None
    SENT.clear()
    yield
    if app is not None:
        assert forms - endpoints(app, SENT) == set()


@pytest.fixture
def desk(shared_desk: Flask, parts: ApiParts) -> Flask:
    shared_desk.extensions[NAME] = parts
    return shared_desk


@pytest.fixture
def office(desk: Flask, client: FlaskClient) -> Callable[[], Office]:
    """A PC that nobody is signed in at."""
    return lambda: Office(desk.test_client(), client)


@pytest.fixture
def at_desk(office: Callable[[], Office], village: Village) -> Callable[[str], Office]:
    """A PC at which somebody of the village is signed in; wherever they sit down, they have the
    same authenticator with them."""
    return _with_authenticators(office, lambda place, name: place.sit_down(village.ctx, name))


@pytest.fixture
def coming_in(office: Callable[[], Office], village: Village) -> Callable[[str], Office]:
    """The same by the code on the screen, the phone, and the authenticator's number."""
    return _with_authenticators(office, lambda place, name: place.sign_in(name))


def _with_authenticators(
    office: Callable[[], Office], comes: Callable[[Office, str], object]
) -> Callable[[str], Office]:
    authenticators: dict[str, Authenticator] = {}

    def signed_in(name: str) -> Office:
        place = office()
        place.authenticator = authenticators.setdefault(name, Authenticator(SECRET))
        comes(place, TOKEN.format(name))
        return place

    return signed_in
