"""The `tibao` command: one word for each thing that is done on the server.

For people by default; `--json` gives one document. What is wrong with the command line or with what
it names is told in one line, exit status 2.
"""

import json
import logging
import sys
from datetime import datetime, time
from pathlib import Path
from typing import IO, Literal
from urllib.parse import urlsplit
from uuid import UUID

import click
from granian.constants import Interfaces
from granian.server import Server as Granian

from backend import drawing, wiring
from backend.clock import SHANGHAI
from backend.config import BadSettings, Settings, load_settings
from backend.demo.command import demo, demo_seed
from backend.domain import audit_chain
from backend.domain.errors import refuse
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, Role
from backend.explain_cli import BadArguments, OneLineGroup, as_json, explain
from backend.jobs.queues import QUEUES
from backend.jobs.worker import run_cron, run_worker
from backend.local.run import run as run_stack
from backend.services import audit, grants, holidays, ledger
from backend.services.balances_import import import_balances
from backend.services.registry_import import import_registry
from backend.services.templates import template as empty_workbook
from backend.services.workbook import ImportReport
from backend.store import migrate as migrations

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
ROLES = [str(role) for role in Role if role in GRANT_SCOPES]


@click.group(cls=OneLineGroup)
def main() -> None:
    """梯保：用住宅专项维修资金增值收益购买电梯维修保险。"""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )


def settings() -> Settings:
    """The settings, or one line that says which one is wrong."""
    try:
        return load_settings()
    except BadSettings as problem:
        raise BadArguments(str(problem)) from None


@main.command()
def run() -> None:
    """在本机启动全部程序和演示小区；Ctrl-C 停止。"""
    sys.exit(run_stack(settings(), QUEUES))


@main.command()
def migrate() -> None:
    """把数据库的表升级到当前版本。"""
    migrations.upgrade(settings().database_url)
    click.echo(f"数据库已是最新版本：{migrations.head()}")


@main.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """运行一个队列的后台进程。"""
    house = wiring.build(settings())
    run_worker(house.settings, queue, wiring.job_parts(house))


@main.command()
def cron() -> None:
    """运行定时任务进程。"""
    run_cron(settings())


@main.command()
def sandbox() -> None:
    """运行微信模拟器（仅限沙箱模式）。"""
    where = settings()
    port = urlsplit(where.wechat_url).port
    Granian(
        "backend.wechat.sandbox.app:from_environment",
        address="127.0.0.1",
        port=port or 80,
        interface=Interfaces.WSGI,
        factory=True,
        blocking_threads=128,
        log_access=False,
    ).serve()


@main.group("import", cls=OneLineGroup)
def import_() -> None:
    """导入工作簿；整本通过才写入，重复导入不会重复。"""


workbook = click.argument("file", type=click.File("rb"))
dry_run = click.option("--dry-run", is_flag=True, help="只检查，不写入")


@import_.command()
@workbook
@dry_run
@as_json
def registry(file: IO[bytes], dry_run: bool, as_json: bool) -> None:
    """导入小区台账：楼栋、房屋、业主、电梯、业委会。"""
    _report(import_registry(wiring.build(settings()).ctx, file.read(), dry_run), as_json)


@import_.command()
@workbook
@dry_run
@as_json
def balances(file: IO[bytes], dry_run: bool, as_json: bool) -> None:
    """导入中心账目：分户账、统筹账户期初余额、银行余额、保险机构。"""
    _report(import_balances(wiring.build(settings()).ctx, file.read(), dry_run), as_json)


def _report(report: ImportReport, as_json: bool) -> None:
    click.echo(
        json.dumps(report.as_json(), ensure_ascii=False) if as_json else "\n".join(report.lines())
    )
    sys.exit(1 if report.problems else 0)


@main.command()
@click.argument("kind", type=click.Choice(["registry", "balances"]))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件")
def template(kind: Literal["registry", "balances"], out: Path | None) -> None:
    """生成空白工作簿。"""
    path = out or Path(f"{kind}.xlsx")
    if path.exists():
        raise BadArguments(f"{path} 已存在，请换一个文件名")
    path.write_bytes(empty_workbook(kind))
    click.echo(f"已生成 {path}")


@main.command()
@click.option("--openid", required=True, help="本人登录后的 openid")
@click.option("--appid", help="openid 所属的 appid，默认小程序")
@click.option("--role", type=click.Choice(ROLES), required=True, help="角色")
@click.option("--scope", type=click.UUID, help="小区或保险机构的编号；全市角色不填")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="有效至（含当日）")
def grant(
    openid: str, appid: str | None, role: str, scope: UUID | None, until: datetime | None
) -> None:
    """授予权限；第一位管理员由此产生。"""
    where = settings()
    ctx = wiring.build(where).ctx
    person_id = grants.person_of(ctx, appid or where.mini_appid, openid)
    ends = datetime.combine(until, time.max, SHANGHAI) if until else None
    grants.grant(ctx, None, person_id, Role(role), scope, ends)
    click.echo(f"已授予{ROLE_NAMES[Role(role)]}：{person_id}")


@main.group("audit", cls=OneLineGroup)
def audit_group() -> None:
    """审计链：核验与导出。"""


@audit_group.command()
@click.option(
    "--file", "exported", type=click.File("r", encoding="utf-8"), help="核验导出的文件，不连数据库"
)
@as_json
def verify(exported: IO[str] | None, as_json: bool) -> None:
    """逐条核验审计链；有断裂则退出码为 1。"""
    if exported is not None:
        found = audit_chain.verify_lines(exported)
    else:
        with wiring.build(settings()).ctx.sessions() as tx:
            found = audit.verify(tx)
    values = {"ok": found.ok, "entries": found.entries, "first_bad_seq": found.first_bad_seq, "head": found.head}
    text = (
        f"审计链完整，共 {found.entries} 条"
        if found.ok
        else f"审计链在第 {found.first_bad_seq} 条断裂"
    )
    click.echo(json.dumps(values) if as_json else text)
    sys.exit(0 if found.ok else 1)


@audit_group.command()
def export() -> None:
    """以 JSON Lines 输出整条审计链，可离线核验。"""
    with wiring.build(settings()).ctx.sessions() as tx:
        for line in audit.export(tx):
            click.echo(line)


@main.command("trial-balance")
@as_json
def trial_balance(as_json: bool) -> None:
    """试算平衡表；不平则退出码为 1。"""
    with wiring.build(settings()).ctx.sessions() as tx:
        found = ledger.trial_balance(tx)
        drifted = ledger.drifted(tx)
    values = {
        "total_fen": found.total_fen,
        "by_kind": {str(kind): fen for kind, fen in found.by_kind.items()},
        "drifted": drifted,
    }
    rows = [f"{kind}\t{fen}" for kind, fen in found.by_kind.items()]
    text = "\n".join([*rows, f"合计\t{found.total_fen}", *(f"余额不符：{one}" for one in drifted)])
    click.echo(json.dumps(values, ensure_ascii=False) if as_json else text)
    sys.exit(0 if found.total_fen == 0 and not drifted else 1)


@main.command("import-holidays")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def import_holidays(file: IO[str]) -> None:
    """导入一年的放假安排（TOML 或 JSON），并重算暂定期限。"""
    try:
        text = file.read()
    except UnicodeDecodeError:
        raise refuse("holiday_file_unreadable", "文件不是 UTF-8 文本。") from None
    year, moved = holidays.import_year(wiring.build(settings()).ctx, text)
    click.echo(f"已导入 {year.year} 年（{year.source}），{moved} 个期限有变动")


main.add_command(explain)
main.add_command(demo)
main.add_command(demo_seed)
main.add_command(drawing.draw)
