"""The fund's own books as files: brought in, and exchanged every day."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from backend.commands.one_line import BadArguments, OneLineGroup, json_option
from backend.commands.runtime import open_runtime
from backend.domain.fund_books import BATCH_NAMES
from backend.domain.money import yuan
from backend.services.fund_books import bringing
from backend.services.fund_books import exchange as exchanging
from backend.store.files import NO_ROOM


@click.group("fund-books", cls=OneLineGroup)
def fund_books() -> None:
    """资金系统的分户账文件：导入，与文件夹交换（格式见 docs/fund-books.md）。"""


@fund_books.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不入账")
@json_option
def import_(file: Path, dry_run: bool, as_json: bool) -> None:
    """导入一份分户余额或分户明细；全部通过才入账，同一批次重复导入不会重复入账。"""
    with file.open("rb") as content:
        found = bringing.bring(open_runtime().ctx, content, file.name, dry_run=dry_run)
    faults = [asdict(fault) for fault in found.faults]
    lines = [f"第 {each.line} 行（{each.column}）：{each.message}" for each in found.faults]
    if found.head and not faults:
        head = found.head
        what = "已经入过账，没有再入" if found.before else "检查通过" if dry_run else "已入账"
        sums = f"增加 {yuan(head.in_fen)}，减少 {yuan(head.out_fen)}"
        kind = BATCH_NAMES[head.kind]
        lines = [f"{kind}批次 {head.number}：{head.count} 笔，{sums}，{what}"]
    values = {"booked": not faults and not dry_run, "before": found.before, "faults": faults}
    click.echo(json.dumps(values, ensure_ascii=False) if as_json else "\n".join(lines))
    sys.exit(1 if faults else 0)


@fund_books.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def exchange(folder: Path, as_json: bool) -> None:
    """收 FOLDER/in 里的文件，写 FOLDER/out；有退回的文件则退出码为 1，原因在 FOLDER/faulty。"""
    try:
        found = exchanging.exchange(open_runtime().ctx, folder)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise BadArguments(f"{error.filename or folder} 无法使用：{error.strerror}") from None
    lines = [f"已入账：{name}" for name in found.done]
    lines += [f"已退回：{name}" for name in found.faulty]
    lines += [f"已写出：{name}" for name in found.sent]
    text = "\n".join(lines or ["没有要交换的文件"])
    click.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else text)
    sys.exit(1 if found.faulty else 0)
