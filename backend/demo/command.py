"""`tibao demo` plays one purchase on a stack of its own; `tibao demo-seed` fills the local one."""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import click

from backend import wiring
from backend.commands.one_line import json_option, migrating_option
from backend.config import Settings, address, load_settings
from backend.demo import alone, city, screened, seed, year
from backend.demo.disturb import disturb
from backend.demo.play import Play, Scene, scenes
from backend.demo.record import Record
from backend.demo.stage import DemoFailed, DemoStage, Json
from backend.demo.wall import hang_codes
from backend.domain.money import yuan
from backend.domain.routes.catalogue import state_name
from backend.domain.wording import day_ends
from backend.local.processes import LocalError
from backend.local.stack import HALF_MADE, Stack, local_stack, on_free_ports
from backend.store.schema import require

DISTURBED_SCENE = "approve"
# Which city's plan has the route.
CITIES = {"r1": "jishou", "r3": "jishou", "sg": "shaoguan"}


@click.command()
@json_option
@click.option("--chaos", is_flag=True, help="中途强杀后台进程并清空 Redis")
@click.option(
    "--route",
    type=click.Choice(sorted(CITIES)),
    default="r1",
    help="路线：r1、r3 吉首，sg 韶关",
)
def demo(as_json: bool, chaos: bool, route: str) -> None:
    """演一遍：电梯从申请（韶关从摸底筛选）到保障生效，走真实的接口；r1 再到年末存款结息、年度分配、
    核对银行流水，r3 由独立产权人缴存三年保费。"""
    result: Json
    with tempfile.TemporaryDirectory(prefix="tibao-demo-") as folder:
        chosen = replace(load_settings(), city=CITIES[route])
        settings = on_free_ports(chosen, Path(folder))
        try:
            with local_stack(settings, seed=False, say=_progress) as stack:
                result = _perform(stack, quiet=as_json, chaos=chaos, route=route)
        except (DemoFailed, LocalError) as problem:
            result = {"ok": False, "error": str(problem)}
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        click.echo(_ending(result))
    sys.exit(0 if result["ok"] else 1)


def _perform(stack: Stack, quiet: bool, chaos: bool, route: str) -> Json:
    """Play every scene; the result as the JSON document tells it."""
    runtime = wiring.build(stack.settings)
    stage = DemoStage(stack.settings, runtime.ctx)
    stage.set_clock(seed.BEGINS)
    _progress("导入工作簿 / importing the workbooks")
    by_district = route == "sg"
    if by_district:
        seed.import_workbooks_of_pools(runtime.ctx)
    elif route == "r3":
        seed.import_workbooks_with_a_house(runtime.ctx)
    else:
        seed.import_workbooks(runtime.ctx)
        seed.import_other_bank(runtime.ctx)
    appid = stack.settings.mini_appid
    seed.let_people_in(stage, runtime.ctx, appid, screened=by_district, alone=route == "r3")
    stage.news()
    record = Record(stage, (lambda entry: None) if quiet else _print_entry)
    problem = None
    try:
        for name, scene in _scenes_of(route, stage, record):
            if chaos and name == DISTURBED_SCENE:
                _progress("强杀后台进程并清空 Redis / kill -9 a worker, flush Redis")
                disturb(stack)
            scene()
    except DemoFailed as failed:
        problem = str(failed)
    return _result(stage, record, stack.settings, route, problem)


def _scenes_of(route: str, stage: DemoStage, record: Record) -> list[tuple[str, Scene]]:
    if route == "sg":
        return screened.scenes(screened.ScreenedPlay(stage, record))
    if route == "r3":
        return alone.scenes(alone.OwnersPlay(stage, record))
    play = Play(stage, record)
    return [*scenes(play), *year.scenes(year.Year(play))]


def _result(
    stage: DemoStage, record: Record, settings: Settings, route: str, problem: str | None
) -> Json:
    balance = stage.act("auditor", "GET", "/ledger/trial-balance")
    audit = stage.act("auditor", "GET", "/audit/verification")
    final_state = record.case().get("state")
    as_told = problem is None and final_state == "in_force" and balance["total_fen"] == 0
    result = {
        "ok": as_told and audit["ok"],
        "city": settings.city,
        "route": route.upper(),
        "final_state": final_state,
        "trial_balance_fen": balance["total_fen"],
        "audit": {"ok": audit["ok"], "entries": audit["entries"]},
        "steps": record.steps,
    }
    return {**result, "error": problem} if problem else result


def _progress(line: str) -> None:
    click.echo(f"==> {line}", err=True)


def _print_entry(entry: Json) -> None:
    """One step for people."""
    state = state_name(entry["to"]) if entry["to"] else ""
    money = f"  {yuan(entry['amount_fen'])}" if entry["amount_fen"] else ""
    click.echo(f"{entry['at'][:16]}  {entry['actor']}  {entry['action']}  → {state}{money}")
    if entry["deadline"]:
        last = day_ends(date.fromisoformat(entry["deadline"]["ends_on"]))
        click.echo(f"    期限 {entry['deadline']['kind']}：{last}")
    if bank := entry.get("bank"):
        click.echo(f"    专户：{bank}")
    for refusal in entry.get("missing", ()):
        click.echo(f"    未通过：{refusal['message']}")
    for message in entry["messages"]:
        text = message["text"].replace("\n", "；")
        click.echo(f"    ✉ {message['to']}（{message['channel']}）{text}")


def _ending(result: Json) -> str:
    if not result["ok"]:
        return f"演示未按预期完成：{result.get('error', result.get('final_state'))}"
    entries = result["audit"]["entries"]
    return f"演示完成：保障已生效，试算平衡，审计链完整（{entries} 条）"


@click.command("demo-seed")
@migrating_option
def demo_seed(migrating: bool) -> None:
    """给正在运行的本机环境装入演示小区和人员；已经装入的不再改动，只重挂墙上的二维码。"""
    settings = load_settings()
    require(settings, migrating)
    runtime = wiring.build(settings)
    stage = DemoStage(settings, runtime.ctx)
    stage.wait_for(settings.wechat_url)
    if not city.is_made(runtime.ctx):
        half_made = settings.data_dir / HALF_MADE
        half_made.touch()
        if settings.clock_file and not settings.clock_file.exists():
            stage.set_clock(city.BEGINS)
        imported = stage.meanwhile(partial(seed.import_workbooks, runtime.ctx))
        stage.wait_for(f"{settings.public_url}/healthz", f"{address(settings.desk_port)}/healthz")
        seed.let_people_in(stage, runtime.ctx, settings.mini_appid, imported=imported)
        city.live_through_january(stage)
        half_made.unlink()
    hang_codes(stage, runtime.ctx)
    click.echo("演示小区已就绪")
