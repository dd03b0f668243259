"""The demo as anyone runs it, with every worker killed and Redis emptied in the middle."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from backend.demo import command
from backend.demo.stage import DemoFailed
from backend.local.stack import HALF_MADE, TIBAO

COMMAND = "backend.demo.command"


class Seeding:
    """`tibao demo-seed` where nothing stands: what it would do is noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
        self.done: list[str] = []
        self.made = False
        self.half_made = data_dir / HALF_MADE
        (data_dir / "clock").write_text("0")
        monkeypatch.setenv("TIBAO_DATA_DIR", str(data_dir))
        monkeypatch.setattr(f"{COMMAND}.DemoStage.wait_for", lambda *_: None)
        monkeypatch.setattr(f"{COMMAND}.wiring.build", lambda settings: SimpleNamespace(ctx=None))
        monkeypatch.setattr(f"{COMMAND}.city.is_made", lambda ctx: self.made)
        monkeypatch.setattr(f"{COMMAND}.seed.import_workbooks", self.note("workbooks"))
        monkeypatch.setattr(f"{COMMAND}.seed.let_people_in", self.let_in)
        monkeypatch.setattr(f"{COMMAND}.city.live_through_january", self.note("past"))
        monkeypatch.setattr(command, "hang_codes", self.note("codes"))

    def note(self, what: str) -> Callable[..., None]:
        """Does nothing but say so."""
        return lambda *_: self.done.append(what)

    def let_in(self, *_: object, imported: Callable[[], None]) -> None:
        imported()
        self.done.append("people")

    def run(self) -> int:
        return CliRunner().invoke(command.demo_seed).exit_code


@pytest.fixture
def seeding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Seeding:
    return Seeding(monkeypatch, tmp_path)


def test_a_city_is_made_once_and_its_codes_are_hung_at_every_start(seeding: Seeding) -> None:
    assert seeding.run() == 0
    assert seeding.done == ["workbooks", "people", "past", "codes"]
    assert not seeding.half_made.exists()
    seeding.made = True
    assert seeding.run() == 0
    assert seeding.done[4:] == ["codes"]


def test_a_city_that_was_not_made_to_the_end_is_marked(
    seeding: Seeding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(stage: object) -> None:
        raise DemoFailed

    monkeypatch.setattr(f"{COMMAND}.city.live_through_january", fail)
    assert seeding.run() != 0
    assert seeding.half_made.exists()


@pytest.mark.deep
@pytest.mark.stack
def test_the_demo_ends_in_force_although_workers_are_killed_and_redis_forgets() -> None:
    words = [TIBAO, "demo", "--json", "--chaos"]
    played = subprocess.run(words, check=False, capture_output=True, text=True, timeout=600)
    told = json.loads(played.stdout)
    assert played.returncode == 0, told.get("error")
    assert told["ok"]
    assert (told["city"], told["route"], told["final_state"]) == ("jishou", "R1", "in_force")
    assert told["trial_balance_fen"] == 0
    assert told["audit"]["ok"]
    steps = {step["action"]: step for step in told["steps"]}
    assert steps["object"]["to"] == "suspended"
    assert steps["post_notice"]["deadline"]["ends_on"] == "2025-02-05"
    assert "春节" in json.dumps(steps["post_notice"]["deadline"]["explanation"], ensure_ascii=False)
    assert steps["confirm_payment"]["at"].startswith("2025-03-04")
    assert len(steps["clear_refused"]["missing"]) == 2
    assert [one["code"] for one in steps["request_payment_refused"]["missing"]] == [
        "invoice_missing"
    ]
    assert steps["scan"]["lift"]["covered"]
    assert steps["order_payment"]["bank"] == "DEMO-BANK-0001"
    deposits = [step["bank"] for step in told["steps"] if step["action"] == "enter_deposit"]
    assert deposits == ["DEMO-BANK-0001", "DEMO-AGRI-0001", "DEMO-BANK-0001"]
    closes = [step["close"] for step in told["steps"] if step["action"] == "post_close"]
    assert [(each["year"], each["revision"], each["state"]) for each in closes] == [
        (2025, 1, "posted"),
        (2025, 2, "posted"),
    ]
    assert steps["match_line"]["reconciliation"]["agrees"]
    played_out = [step["action"] for step in told["steps"]].index("scan") + 1
    purchase, year = told["steps"][:played_out], told["steps"][played_out:]
    assert templates(purchase)
    assert templates(year)
    # The year has three deposits and two closes, of which the same is told.
    for steps_at_once in (purchase, *([step] for step in year)):
        told_to = Counter(templates(steps_at_once))
        assert max(told_to.values(), default=1) == 1, "a message arrived twice"


@pytest.mark.deep
@pytest.mark.stack
def test_shaoguans_route_ends_in_force_out_of_two_years_pools() -> None:
    words = [TIBAO, "demo", "--route", "sg", "--json"]
    played = subprocess.run(words, check=False, capture_output=True, text=True, timeout=600)
    told = json.loads(played.stdout)
    assert played.returncode == 0, told.get("error")
    assert (told["city"], told["route"], told["final_state"]) == ("shaoguan", "SG", "in_force")
    assert told["trial_balance_fen"] == 0
    assert told["audit"]["ok"]
    steps = {step["action"]: step for step in told["steps"]}
    assert [one["code"] for one in steps["screen_refused"]["missing"]] == ["criterion_not_met"]
    assert [step["close"]["year"] for step in told["steps"] if "close" in step] == [2023, 2024]
    assert len(steps["guide"]["pools"]) == 2
    assert steps["guide"]["to"] == "guided"
    assert steps["object"]["to"] == "suspended"
    assert steps["scan"]["lift"]["covered"]
    purchase = [step for step in told["steps"] if step["to"]]
    assert "统筹账户" not in json.dumps(purchase, ensure_ascii=False)


@pytest.mark.deep
@pytest.mark.stack
def test_the_road_of_an_owner_alone_ends_in_force_out_of_one_deposit() -> None:
    words = [TIBAO, "demo", "--route", "r3", "--json"]
    played = subprocess.run(words, check=False, capture_output=True, text=True, timeout=600)
    told = json.loads(played.stdout)
    assert played.returncode == 0, told.get("error")
    assert (told["city"], told["route"], told["final_state"]) == ("jishou", "R3", "in_force")
    assert told["trial_balance_fen"] == 0
    assert told["audit"]["ok"]
    steps = {step["action"]: step for step in told["steps"]}
    assert [one["code"] for one in steps["fund_refused"]["missing"]] == ["deposit_too_small"]
    assert steps["fund"]["to"] == "funded"
    assert [one["code"] for one in steps["request_payment_refused"]["missing"]] == [
        "invoice_missing"
    ]
    assert steps["scan"]["lift"]["covered"]
    heard = {message["to"] for step in told["steps"] for message in step["messages"]}
    assert heard == {"独示例", "保示例", "办示例", "纳示例", "核示例"}
    assert "统筹账户" not in json.dumps(told["steps"], ensure_ascii=False)


def templates(steps: Sequence[Any]) -> list[tuple[str, str]]:
    """To whom which template message went in these steps."""
    return [
        (message["to"], message["text"])
        for step in steps
        for message in step["messages"]
        if message["channel"] == "template"
    ]
