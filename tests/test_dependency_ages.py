"""How long ago our dependencies were released, as a package index tells it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from backend.local.processes import free_port
from tests import dependency_ages
from tests.dependency_ages import ANSWER, direct_dependencies, index_url, main, report

NOW = datetime(2026, 11, 28, tzinfo=UTC)
UPLOADED = {
    "old": ["2020-01-01T00:00:00Z", "2022-06-19T08:00:00Z"],
    "young": ["2026-11-01T00:00:00.5Z"],
    "dayless": [],
}


@Request.application
def simple_index(request: Request) -> Response:
    days = UPLOADED[request.path.strip("/")]
    answer = json.dumps({"files": [{"upload-time": day} for day in days]})
    return Response(answer, content_type=ANSWER)


@pytest.fixture
def index() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, simple_index)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_had_no_release_for_two_years_is_marked_and_stands_first(index: str) -> None:
    assert report(index, ["young", "old"], NOW) == [
        "old    2022-06-19  no release for two years",
        "young  2026-11-01",
    ]


def test_an_index_without_days_is_no_answer(index: str) -> None:
    with pytest.raises(LookupError, match="dayless: no file with a day"):
        report(index, ["dayless"], NOW)


def test_only_what_we_name_ourselves_is_a_direct_dependency() -> None:
    lines = ["# Flask, of course", "-r run.in", "psycopg[binary]", "Flask", "", "mypy>=2"]
    assert direct_dependencies(lines) == ["flask", "mypy", "psycopg"]


def test_without_a_network_one_line_says_so_and_names_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = f"http://me:hushhush@127.0.0.1:{free_port()}/simple/"
    monkeypatch.setenv("PIP_INDEX_URL", address)
    assert index_url() == address.rstrip("/")
    with pytest.raises(SystemExit) as ended:
        main()
    assert "127.0.0.1 cannot be asked" in str(ended.value)
    assert "hushhush" not in str(ended.value)


def test_the_lists_of_requirements_are_found() -> None:
    assert len(list(dependency_ages.REQUIREMENTS.glob("*.in"))) > 3
