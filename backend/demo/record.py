"""What the demo tells: one entry per thing somebody did, with its messages and running limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from backend.demo.cast import CAST
from backend.demo.stage import DemoStage, Json

BY_NAME = {player.shown: player for player in CAST.values()}


@dataclass
class Record:
    """The steps so far. `purchase_id` is set once the case exists."""

    stage: DemoStage
    tell: Any
    purchase_id: str | None = None
    steps: list[Json] = field(default_factory=list)

    @contextmanager
    def step(self, key: str | None, action: str) -> Iterator[Json]:
        """Do one thing in the block; afterwards wait for the workers and write it down.

        The block may put `amount_fen` or further facts into the entry.
        """
        before = self.case()
        entry: Json = {
            "at": self.stage.now().isoformat(timespec="seconds"),
            "actor": CAST[key].name if key else "系统",
            "role": CAST[key].role if key else "system",
            "action": action,
            "from": before.get("state"),
            "to": None,
            "amount_fen": None,
            "deadline": None,
        }
        yield entry
        self.stage.catch_up()
        after = self.case()
        entry["to"] = after.get("state")
        entry["deadline"] = _running_limit(after)
        entry["messages"] = [_message(message) for message in self.stage.news()]
        self.steps.append(entry)
        self.tell(entry)

    def case(self) -> Json:
        """The case as the clerk sees it; empty before there is one."""
        if self.purchase_id is None:
            return {}
        return self.stage.act("clerk", "GET", f"/purchases/{self.purchase_id}")


def _running_limit(case: Json) -> Json | None:
    """The running limit that ends first, with its reasons."""
    limits = [limit for limit in case.get("deadlines", []) if limit["state"] in ("open", "paused")]
    if not limits:
        return None
    first = min(limits, key=lambda limit: str(limit["ends_before"]))
    fields = ("kind", "ends_on", "ends_before", "provisional", "explanation", "state")
    return {name: first[name] for name in fields}


def _message(message: Json) -> Json:
    player = BY_NAME.get(message["person"])
    return {
        "to": player.name if player else message["person"],
        "role": player.role if player else "",
        "channel": "template" if message["type"] == "template" else "chat",
        "template": message["template"],
        "text": message["text"],
    }
