"""The demo city, running with everything that is real, for tests and for pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend import wiring
from backend.config import Settings
from backend.demo.cast import CAST
from backend.demo.stage import DemoStage, Json
from backend.local.stack import local_stack, on_free_ports


@dataclass(frozen=True)
class City:
    """Where the city is, and a stage from which its offices act."""

    settings: Settings
    stage: DemoStage

    def code(self, note: str) -> str:
        """What the code on the wall with this note says."""
        codes = self.stage.platform("GET", "/wall")["codes"]
        return next(str(code["text"]) for code in codes if code["note"] == note)

    def messages(self, person: str) -> list[Json]:
        """Everything this person received."""
        messages: list[Json] = self.stage.platform("GET", f"/people/{person}/messages")["messages"]
        return [message for message in messages if message["direction"] == "in"]

    def facts(self) -> dict[str, str]:
        """What the addresses of pages need: tokens of lifts, the running notice, the estate."""
        notes = {"noticed": "正在公示", "insured": "已有保障", "nobody": "还没人申请"}
        tokens = {key: self.code(note).rpartition("/")[2] for key, note in notes.items()}
        lift = self.stage.act(None, "GET", f"/public/lifts/{tokens['noticed']}")
        notice = lift["notices"][0]
        estate = self.stage.act("manager", "GET", "/estates")["items"][0]["id"]
        self._prove_phone("deputy")
        drafts = {
            "draft": self._draft("manager", estate, "property_company"),
            "joint": self._draft("deputy", estate, "owners"),
        }
        known = {"number": notice["number"], "notice": notice["id"], "estate": estate}
        home = self.stage.act("owner", "GET", "/me")["homes"][0]["owner_id"]
        return {**tokens, **known, **drafts, "home": home}

    def _prove_phone(self, key: str) -> None:
        """WeChat vouches for the number, and the roster knows whose home that is."""
        code = self.stage.platform("POST", f"/people/{CAST[key].shown}/phone-code")["code"]
        self.stage.act(key, "POST", "/me/phone", {"code": code})

    def _draft(self, key: str, estate: str, applicant: str) -> str:
        """An application for 2栋 that this person began in this way; its id."""
        ways = self.stage.act(key, "GET", f"/estates/{estate}/ways")["ways"]
        way = next(each for each in ways if each["applicant"] == applicant)
        account = next(each for each in way["accounts"] if each["building"] == "2栋")
        lifts = self.stage.act(key, "GET", f"/estates/{estate}/lifts")["items"]
        insurers = self.stage.act(key, "GET", "/insurers")["items"]
        request = {
            "route": way["route"],
            "applicant": way["applicant"],
            "estate_id": estate,
            "account_id": account["id"],
            "insurer_id": next(each["id"] for each in insurers if each["selected"]),
            "lift_ids": [
                lift["id"]
                for lift in lifts
                if (lift["building"], lift["unit"]) == (account["building"], account["unit"])
            ],
        }
        return str(self.stage.act(key, "POST", "/purchases", request)["id"])


@contextmanager
def running_city(data_dir: Path) -> Iterator[City]:
    """One purchase in each interesting place, at 2025-01-23 09:00."""
    settings = on_free_ports(Settings(), data_dir)
    with local_stack(settings) as stack:
        runtime = wiring.build(stack.settings)
        stage = DemoStage(stack.settings, runtime.ctx)
        for key in ("clerk", "manager", "deputy", "owner"):
            stage.enter(key)
        yield City(stack.settings, stage)
        runtime.engine.dispose()
