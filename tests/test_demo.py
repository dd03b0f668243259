"""The demo as anyone runs it, with every worker killed and Redis emptied in the middle."""

import json
import subprocess
from collections import Counter

import pytest

from backend.local.stack import TIBAO


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
    templates = [
        (message["to"], message["text"])
        for step in told["steps"]
        for message in step["messages"]
        if message["channel"] == "template"
    ]
    assert templates
    assert max(Counter(templates).values()) == 1, "a message arrived twice"
