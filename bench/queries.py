"""SQL statements per request for each route, while a case is walked from draft to cover.

    .venv/bin/python -m bench.queries

Counted on the way through the API as people use it: sessions come from Redis, every write carries
an Idempotency-Key (which costs two statements), commits are not counted. Where a route was called
more than once the largest count is shown.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import click
from flask import Flask, Response, g, request
from sqlalchemy import Engine, event

from backend.http.routes import PREFIX
from backend.local.processes import wait_until
from bench.scene import BUILDING, Scene, demo_estate, throwaway_settings


@dataclass
class Counts:
    """The largest number of statements seen per route."""

    most: dict[str, int] = field(default_factory=dict)
    running: int = 0

    def watch(self, app: Flask, engine: Engine) -> None:
        """Count from now on; one request at a time."""

        def statement(*_: object) -> None:
            self.running += 1

        def begin() -> None:
            g.statements_before = self.running

        def end(response: Response) -> Response:
            if request.url_rule and response.status_code < 300:
                name = f"{request.method} {request.url_rule.rule.removeprefix(PREFIX)}"
                spent = self.running - g.statements_before
                self.most[name] = max(spent, self.most.get(name, 0))
            return response

        event.listen(engine, "before_cursor_execute", statement)
        app.before_request_funcs.setdefault(None, []).insert(0, begin)
        app.after_request_funcs.setdefault(None, []).append(end)


def walk(scene: Scene) -> None:
    """Route R1 from the draft to the policy, with everything that people look at on the way."""
    city, act = scene.city, scene.stage.act
    case, notice = scene.posted()
    _look(scene, case)
    _objected(scene, notice)
    city.at(10, 8)
    city.photograph(notice.removeprefix("/notices/"), BUILDING, "end")
    act("clerk", "POST", f"{case}/clearance", {"statement": "未收到纸质异议"})
    city.register_and_pay(case, BUILDING)
    city.issue(case, BUILDING)


def _look(scene: Scene, case: str) -> None:
    """Every read, by somebody who may."""
    act = scene.stage.act
    number = act("clerk", "GET", case)["notice"]["number"]
    estate = act("manager", "GET", "/estates")["items"][0]["id"]
    reads = {
        "manager": ("/purchases", f"/estates/{estate}/lifts", f"/estates/{estate}/accounts"),
        "clerk": (case, "/estates", "/insurers", "/owner-verifications", "/grants", "/deadlines"),
        "owner": ("/me", "/objections/mine", f"/public/notices/{number}"),
        "auditor": ("/audit/entries", "/audit/verification", "/ledger/trial-balance"),
    }
    for key, paths in reads.items():
        for path in paths:
            act(key, "GET", path)
    scene.stage.read_file("manager", scene.stage.upload("manager", "paper"))


def _objected(scene: Scene, notice: str) -> None:
    act = scene.stage.act
    words = {"kind": "price", "text": "保费偏高，请公布比选过程", "publish_text": True}
    filed = act("owner", "POST", f"{notice}/objections", words)
    reply = {"answer": "比选记录可到中心查阅"}
    act("clerk", "POST", f"/objections/{filed['id']}/answer", reply)
    act("owner", "POST", f"/objections/{filed['id']}/withdrawal", {})


def lift_page(scene: Scene, counts: Counts) -> dict[str, int]:
    """Statements of a scan: the first one, and once the page is kept."""
    seen: list[int] = []
    token = scene.city.lifts_of(BUILDING)[0]["token"]

    def kept() -> bool:
        before = counts.running
        scene.stage.act("owner", "GET", f"/public/lifts/{token}")
        seen.append(counts.running - before)
        return seen[-1] == 0

    wait_until(kept, "the kept page")
    return {"first": seen[0], "kept": seen[-1]}


def measure() -> dict[str, Any]:
    """Statements per route, the fewest first."""
    with throwaway_settings() as settings, demo_estate(settings) as scene:
        counts = Counts()
        counts.watch(scene.app, scene.runtime.engine)
        walk(scene)
        scan = lift_page(scene, counts)
        counts.most.pop("GET /public/lifts/<token>", None)
        ordered = sorted(counts.most.items(), key=lambda item: (item[1], item[0]))
        return {"statements_per_request": {"GET /public/lifts/<token>": scan, **dict(ordered)}}


@click.command()
def main() -> None:
    """Print one JSON document."""
    click.echo(json.dumps(measure(), indent=2))


if __name__ == "__main__":
    main()
