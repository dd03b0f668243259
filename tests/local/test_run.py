"""`tibao run` as a person uses it: starts, says where, restarts its dead, leaves nothing behind."""

import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import psycopg
import pytest
import requests

from backend.config import PLACES, Settings, environment, load_settings, variable
from backend.demo.cast import CAST, ESTATE_CODE
from backend.local import places
from backend.local.places import USUAL, port_of
from backend.local.processes import LocalError, port_is_free
from backend.local.run import API_DOCS
from backend.local.stack import TIBAO, local_stack, on_free_ports
from backend.local.supervisor import NURSERY
from tests.build.waiting import PATIENCE_SECONDS, eventually

pytestmark = [pytest.mark.deep, pytest.mark.stack]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return on_free_ports(Settings(), tmp_path / "var")


class Run:
    """A `tibao run` in a process group of its own, as a terminal would start it."""

    def __init__(self, settings: Settings, log: Path, given: bool = True) -> None:
        """With `given=False` nobody says where it is to stand."""
        self.mark = str(uuid4())
        self.log = log
        said = {**environment(settings), "TIBAO_TEST_MARK": self.mark}
        for name in () if given else PLACES:
            del said[variable(name)]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [TIBAO, "run"],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=said,
            )

    def wait_for(self, words: str) -> None:
        def ended() -> bool:
            return self.process.poll() is not None

        eventually(lambda: words in self.log.read_text() or ended(), self.log.read_text)
        assert not ended(), self.log.read_text()

    def processes(self) -> list[psutil.Process]:
        """Everything that this run started and that still lives."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def named(self, words: str) -> psutil.Process:
        """The first of them that was started with these words, or goes by this name."""
        return next(
            process
            for process in self.processes()
            if words in " ".join(process.cmdline()) or process.name() == words
        )

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                process.environ().get("TIBAO_TEST_MARK") == self.mark
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.Error:
            return False


@contextmanager
def running(settings: Settings, tmp_path: Path, given: bool = True) -> Iterator[Run]:
    run = Run(settings, tmp_path / "run.log", given)
    try:
        yield run
    finally:
        for process in run.processes():
            process.kill()
        run.process.wait(PATIENCE_SECONDS)


def status(url: str, path: str) -> int:
    connection = http.client.HTTPConnection(str(urlsplit(url).netloc), timeout=PATIENCE_SECONDS)
    connection.request("GET", path)
    answer = connection.getresponse().status
    connection.close()
    return answer


def told_by(settings: Settings, codes: list[dict[str, str]], note: str) -> Any:
    """What a scan of the wall's code with this note tells."""
    (token,) = [code["text"].rpartition("/")[2] for code in codes if code["note"] == note]
    return requests.get(
        f"{settings.public_url}/api/v1/public/lifts/{token}", timeout=PATIENCE_SECONDS
    ).json()


class Visitor:
    """Somebody on the bench who is none of the cast."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        people = f"{settings.wechat_url}/sandbox/people"
        send("POST", people, {"name": name})
        code = send("POST", f"{people}/{name}/login-code")["code"]
        session = send("POST", f"{settings.public_url}/api/v1/sessions", {"code": code})
        self._token = session["token"]
        send("POST", f"{people}/{name}/follow")

    def act(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid4())}
        return send(method, f"{self._settings.public_url}/api/v1{path}", body, headers)


def send(method: str, url: str, body: Any = None, headers: Any = None) -> Any:
    answer = requests.request(method, url, json=body, headers=headers, timeout=PATIENCE_SECONDS)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def wall(settings: Settings) -> list[dict[str, str]]:
    codes: list[dict[str, str]] = send("GET", f"{settings.wechat_url}/sandbox/wall")["codes"]
    return codes


def leave_traces(settings: Settings) -> tuple[Visitor, str]:
    """A visitor asks, objects and begins; as the clerk the visitor even sends the manager away.

    Gives the clerk, and the code that the clerk issued anew for a lift of the wall.
    """
    visitor = Visitor(settings, "访客")
    flat = {"estate_code": ESTATE_CODE, "building": "1栋", "unit": "1单元", "room": "303"}
    visitor.act("POST", "/owner-verifications/owner", {**flat, "name": "不在册"})
    (notice,) = told_by(settings, wall(settings), "正在公示")["notices"]
    words = {"kind": "price", "text": "保费偏高，请公布比选过程"}
    visitor.act("POST", f"/notices/{notice['id']}/objections", words)

    manager = Visitor(settings, CAST["manager"].shown)
    estate = manager.act("GET", "/estates")["items"][0]["id"]
    lifts = manager.act("GET", f"/estates/{estate}/lifts")["items"]
    free = next(one for one in lifts if one["open_case"] is None)["building"]
    accounts = manager.act("GET", f"/estates/{estate}/accounts")["items"]
    account = next(one for one in accounts if one["building"] == free)
    insurers = manager.act("GET", "/insurers")["items"]
    draft = {
        "route": "R1",
        "estate_id": estate,
        "applicant": "property_company",
        "account_id": account["id"],
        "insurer_id": next(one["id"] for one in insurers if one["selected"]),
        "lift_ids": [
            one["id"]
            for one in lifts
            if one["building"] == free and account["unit"] in (None, one["unit"])
        ],
    }
    manager.act("POST", "/purchases", draft)

    clerk = Visitor(settings, CAST["clerk"].shown)
    hanging = {code["text"].rpartition("/")[2] for code in wall(settings)}
    lift = next(one for one in lifts if one["token"] in hanging)
    fresh = clerk.act("POST", f"/lifts/{lift['id']}/token", {"reason": "贴纸丢了"})["token"]
    for grant in Visitor(settings, CAST["administrator"].shown).act("GET", "/grants")["items"]:
        if grant["role"] == "property_manager":
            clerk.act("DELETE", f"/grants/{grant['id']}")
    return clerk, fresh


def test_it_starts_again_whatever_a_visitor_did_and_ctrl_c_leaves_no_process_and_no_port(
    settings: Settings, tmp_path: Path
) -> None:
    with running(settings, tmp_path) as run:
        run.wait_for("ready")
        assert status(settings.public_url, API_DOCS) == 200
        assert status(settings.wechat_url, "/") == 200
        desk = f"http://127.0.0.1:{settings.desk_port}"
        assert status(desk, "/desk/sign-in") == 200
        assert status(desk, API_DOCS) == status(settings.public_url, "/desk/sign-in") == 404
        assert told_by(settings, wall(settings), "已有保障")["covered"]
        (notice,) = told_by(settings, wall(settings), "正在公示")["notices"]
        assert notice["open_to_objections"]
        clerk, fresh = leave_traces(settings)

        second = subprocess.run(
            [TIBAO, "run"], env=environment(settings), capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert f"already running at {settings.public_url}" in second.stderr

        run.named("workers").kill()
        run.wait_for("was restarted")
        os.killpg(run.process.pid, signal.SIGINT)
        assert run.process.wait(PATIENCE_SECONDS) == 0
        assert run.processes() == []

    with running(settings, tmp_path) as again:  # on the data that the first left
        again.wait_for("ready")
        (waiting,) = clerk.act("GET", "/owner-verifications")["items"]
        assert not waiting["on_roster"]
        assert any(code["text"].endswith(f"/e/{fresh}") for code in wall(settings))
        again.process.terminate()
        assert again.process.wait(PATIENCE_SECONDS) == 0
        assert again.processes() == []
    for port in (settings.api_port, urlsplit(settings.wechat_url).port):
        assert port is not None
        assert port_is_free(port)


def test_a_stack_beside_another_is_whole_by_itself_and_starts_again_after_a_kill(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual ports are busy, with this or with whatever stack of this machine."""
    with ExitStack() as others:
        if port_is_free(USUAL.api_port):
            others.enter_context(socket.create_server(("127.0.0.1", USUAL.api_port)))
        with running(settings, tmp_path, given=False) as run:
            run.wait_for("ready")
            for name in PLACES:
                monkeypatch.delenv(variable(name), raising=False)
            monkeypatch.setenv("TIBAO_DATA_DIR", str(settings.data_dir))
            moved = load_settings()
            assert moved.public_url == f"http://127.0.0.1:{moved.api_port}" != USUAL.public_url
            assert told_by(moved, wall(moved), "已有保障")["covered"]
            assert all(code["text"].startswith(moved.public_url) for code in wall(moved))
            beside = subprocess.run([TIBAO, "audit", "verify"], capture_output=True, check=False)
            assert beside.returncode == 0

            supervisor = run.named(NURSERY)
            run.process.kill()
            supervisor.kill()
            run.process.wait(PATIENCE_SECONDS)
            assert run.processes()  # what nobody ends any more
            with running(settings, tmp_path, given=False) as again:
                again.wait_for("ready")
                assert run.processes() == []
                again.process.terminate()
                assert again.process.wait(PATIENCE_SECONDS) == 0
                assert again.processes() == []


def test_two_fresh_starts_at_the_same_moment_never_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody says where they are to stand; whoever visits one of them is unknown to the other."""
    folders = [tmp_path / name for name in ("one", "two")]
    for name in PLACES:
        monkeypatch.delenv(variable(name), raising=False)
    with ExitStack() as both:
        runs = []
        for folder in folders:
            folder.mkdir()
            fresh = Settings(data_dir=folder / "var")
            runs.append(both.enter_context(running(fresh, folder, given=False)))
        for run in runs:
            run.wait_for("ready")
        stood = []
        for folder in folders:
            monkeypatch.setenv("TIBAO_DATA_DIR", str(folder / "var"))
            stood.append(load_settings())
        one, two = stood
        for name in PLACES:
            assert getattr(one, name) != getattr(two, name)
        before = people(two)
        assert people(one) == before
        Visitor(one, "访客")
        assert people(one) == before + 1
        assert people(two) == before


def people(settings: Settings) -> int:
    """How many persons this stack's database knows."""
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT count(*) FROM person").fetchone()
    assert row is not None
    return int(row[0])


class Intruder:
    """Listens on a port as soon as a start says what it does next, as anybody might."""

    def __init__(self, when: str, name: str, settings: Settings, held: ExitStack) -> None:
        self._when, self._held = when, held
        value = getattr(settings, name)
        self._port = value if isinstance(value, int) else port_of(value)

    def hear(self, line: str) -> None:
        if self._when in line:
            self._held.enter_context(socket.create_server(("127.0.0.1", self._port)))
            self._when = "never again"


@pytest.mark.parametrize(
    ("when", "name"),
    [("preparing the databases", "redis_url"), ("starting the services", "api_port")],
)
def test_a_port_that_is_lost_between_choice_and_listening_is_chosen_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, when: str, name: str
) -> None:
    monkeypatch.setattr(places, "USUAL", settings)
    with ExitStack() as held:
        intruder = Intruder(when, name, settings, held)
        with local_stack(settings, seed=False, say=intruder.hear, movable=PLACES) as stack:
            assert stack.settings.api_port > settings.api_port
            assert status(stack.settings.public_url, API_DOCS) == 200


def test_a_port_that_was_asked_for_and_is_lost_meanwhile_is_told_in_words(
    settings: Settings,
) -> None:
    with ExitStack() as held:
        intruder = Intruder("preparing the databases", "database_url", settings, held)
        told = pytest.raises(LocalError, match=r"用不了[\s\S]*export TIBAO_DATABASE_URL=")
        with told, local_stack(settings, seed=False, say=intruder.hear):
            pass


@pytest.mark.parametrize("doing", ["", "preparing the databases", "starting the services"])
def test_ending_it_while_it_starts_leaves_no_process(
    settings: Settings, tmp_path: Path, doing: str
) -> None:
    with running(settings, tmp_path) as run:
        run.wait_for(doing)
        run.process.terminate()
        run.process.wait(PATIENCE_SECONDS)
        assert run.processes() == []
