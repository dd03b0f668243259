"""Workbooks: imported whole or not at all, and empty ones to fill in."""

import json
import sys
from pathlib import Path
from typing import IO, Literal

import click

from backend.commands.one_line import BadArguments, OneLineGroup, json_option
from backend.commands.runtime import open_runtime
from backend.services.workbooks.balances_import import import_balances
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.templates import template as empty_workbook
from backend.services.workbooks.workbook import ImportReport

workbook = click.argument("file", type=click.File("rb"))
dry_run_option = click.option("--dry-run", is_flag=True, help="只检查，不写入")


@click.group("import", cls=OneLineGroup)
def import_() -> None:
    """导入工作簿；整本通过才写入，重复导入不会重复。"""


@import_.command()
@workbook
@dry_run_option
@click.option("--filed", is_flag=True, help="已对照业委会备案表核对委员姓名和手机号")
@click.option(
    "--mandate-paper",
    default="",
    help="已对照业委会的委托书或物业服务合同核对委托；写明该文件的编号或日期",
)
@json_option
def registry(
    file: IO[bytes], dry_run: bool, filed: bool, mandate_paper: str, as_json: bool
) -> None:
    """导入小区台账：楼栋、房屋、业主、电梯、业委会。"""
    ctx = open_runtime().ctx
    _report(import_registry(ctx, file.read(), dry_run, filed, mandate_paper), as_json)


@import_.command()
@workbook
@dry_run_option
@json_option
def balances(file: IO[bytes], dry_run: bool, as_json: bool) -> None:
    """导入中心账目：分户账、统筹账户期初余额、银行余额、保险机构。"""
    _report(import_balances(open_runtime().ctx, file.read(), dry_run), as_json)


def _report(report: ImportReport, as_json: bool) -> None:
    text = "\n".join(report.lines())
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else text)
    sys.exit(1 if report.problems else 0)


@click.command()
@click.argument("kind", type=click.Choice(["registry", "balances"]))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件")
def template(kind: Literal["registry", "balances"], out: Path | None) -> None:
    """生成空白工作簿。"""
    path = out or Path(f"{kind}.xlsx")
    if path.exists():
        raise BadArguments(f"{path} 已存在，请换一个文件名")
    try:
        path.write_bytes(empty_workbook(kind))
    except OSError as error:
        raise BadArguments(f"{path} 无法写入：{error.strerror}") from None
    click.echo(f"已生成 {path}")
