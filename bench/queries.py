"""SQL statements per request for each route, while a case is walked from draft to cover.

    .venv/bin/python -m bench.queries

Counted on the way through the API as people use it: sessions come from Redis, every write carries
an Idempotency-Key (which costs two statements), commits are not counted. Where a route was called
more than once the largest count is shown.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask, Response, g, request
from sqlalchemy import Engine, event

from backend import wiring
from backend.app import create_app
from backend.config import Settings
from backend.domain.local_time import SHANGHAI
from backend.domain.tokens import token_text
from backend.http.routes import PREFIX
from backend.local.postgres import database_url, throwaway_postgres
from backend.local.processes import wait_until
from backend.local.valkey import redis_url, throwaway_valkey
from backend.programs import api as api_program
from backend.store import migrate
from backend.store.registry import LiftToken
from tests.build.clock import ManualClock
from tests.build.players import Players, application, contract, invoice, photograph, plan
from tests.build.village import populate_village

TOKEN = token_text(bytes(16))


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
        app.after_request(end)


@contextmanager
def stage() -> Iterator[tuple[Players, Counts]]:
    """A village, its people signed in, and the counting begun."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tibao-bench-")))
        settings = Settings(
            _env_file=None,
            data_dir=folder,
            database_url=database_url(stack.enter_context(throwaway_postgres(folder / "pg"))),
            redis_url=redis_url(stack.enter_context(throwaway_valkey(folder / "valkey"))),
        )
        migrate.upgrade(settings.database_url)
        clock = ManualClock(datetime(2025, 3, 3, 9, tzinfo=SHANGHAI))
        runtime = wiring.build(settings)
        stack.callback(runtime.engine.dispose)
        runtime = replace(runtime, ctx=replace(runtime.ctx, clock=clock))
        parts = api_program.api_parts(runtime)
        listener = api_program.keep_fresh(settings, parts.lift_pages)
        stack.callback(listener.stop)
        app = create_app(parts)
        counts = Counts()
        counts.watch(app, runtime.engine)
        players = Players(app.test_client(), populate_village(runtime.ctx, clock))
        for name in players.village.people:
            players.saw(name, "/me")
        counts.most.clear()
        yield players, counts


def walk(players: Players) -> None:
    """Route R1 from the draft to the policy, with everything that people look at on the way."""
    village = players.village
    with village.ctx.sessions() as tx:
        tx.add(LiftToken(token=TOKEN, lift_id=village.lifts[0], issued_at=village.clock()))
        tx.commit()
    here, notice = _posted(players)
    _look(players, here, notice)
    _objected(players, notice)
    village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
    photograph(players, notice, "end")
    players.did("clerk", f"{here}/clearance", {"statement": "未收到纸质异议"})
    players.did("reviewer", f"{here}/registration", status=201)
    players.did("manager", f"{here}/contract", contract(village, players.upload("manager")))
    players.did("manager", f"{here}/invoices", invoice(village, players.upload("manager")), 201)
    players.did("manager", f"{here}/payment-request")
    players.did("cashier", f"{here}/payment-order", status=201)
    receipt = {"bank_reference": "B-1", "receipt_sha256": players.upload("cashier")}
    players.did("cashier", f"{here}/payment-confirmation", receipt)
    policy = {"number": "PL-1", "file_sha256": players.upload("insurer")}
    players.did("insurer", f"{here}/policy", policy)


def _posted(players: Players) -> tuple[str, str]:
    """The case's address and its notice, from the draft to the first photos."""
    case = players.did("manager", "/purchases", application(players.village), 201)
    here = f"/purchases/{case['id']}"
    players.did("manager", f"{here}/application", {"form_sha256": players.upload("manager")})
    players.did("clerk", f"{here}/funds-query", {"upkeep_statement": "维保正常"})
    for lift in players.village.lifts:
        found = {"lift_id": str(lift), "result": "passed", "findings": "运行平稳"}
        players.did("insurer", f"{here}/surveys", found, 201)
    planned = players.did("insurer", f"{here}/plans", plan(players.village), 201)
    for name in ("member0", "member1"):
        players.did(name, f"/plans/{planned['plan_id']}/answers", {"answer": "approve"})
    notice = players.did("manager", f"{here}/notice", status=201)
    photograph(players, notice["id"], "start")
    return here, str(notice["id"])


def _look(players: Players, here: str, notice: str) -> None:
    """Every read, by somebody who may."""
    village = players.village
    number = players.saw("clerk", here)["notice"]["number"]
    reads = {
        "manager": (
            "/purchases",
            f"/estates/{village.estate}/lifts",
            f"/estates/{village.estate}/accounts",
            f"/files/{players.upload('manager')}",
        ),
        "clerk": (here, "/estates", "/insurers", "/owner-verifications", "/grants", "/deadlines"),
        "owner0": ("/me", "/objections/mine", f"/public/notices/{number}"),
        "auditor": ("/audit/entries", "/audit/verification", "/ledger/trial-balance"),
    }
    for name, paths in reads.items():
        for path in paths:
            answer = players.get(name, path)
            if answer.status_code != 200:
                raise click.ClickException(f"{path}: {answer.text}")


def _objected(players: Players, notice: str) -> None:
    words = {"kind": "price", "text": "保费偏高，请公布比选过程"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    reply = {"answer": "比选记录可到中心查阅", "inadmissible": False}
    players.did("clerk", f"/objections/{filed['id']}/answer", reply)
    players.did("owner0", f"/objections/{filed['id']}/withdrawal", {})


def lift_page(players: Players, counts: Counts) -> dict[str, int]:
    """Statements of a scan: the first one, and once the page is kept."""
    seen: list[int] = []

    def kept() -> bool:
        before = counts.running
        players.saw("owner0", f"/public/lifts/{TOKEN}")
        seen.append(counts.running - before)
        return seen[-1] == 0

    wait_until(kept, "the kept page")
    return {"first": seen[0], "kept": seen[-1]}


def measure() -> dict[str, Any]:
    """Statements per route, the fewest first."""
    with stage() as (players, counts):
        walk(players)
        scan = lift_page(players, counts)
        counts.most.pop("GET /public/lifts/<token>", None)
        ordered = sorted(counts.most.items(), key=lambda item: (item[1], item[0]))
        return {"statements_per_request": {"GET /public/lifts/<token>": scan, **dict(ordered)}}


@click.command()
def main() -> None:
    """Print one JSON document."""
    click.echo(json.dumps(measure(), indent=2))


if __name__ == "__main__":
    main()
