"""What auditors run: the audit chain, the files and the trial balance."""

import json
import sys
from dataclasses import asdict
from typing import IO

import click

from backend.commands.one_line import OneLineGroup, json_option
from backend.commands.runtime import open_runtime
from backend.domain import audit_chain
from backend.domain.ledger import ACCOUNT_NAMES
from backend.domain.money import yuan
from backend.services.base import audit as chain
from backend.services.books import ledger
from backend.services.files import whole


@click.group(cls=OneLineGroup)
def audit() -> None:
    """审计链：核验与导出；存档文件：核验。"""


@audit.command()
@click.option(
    "--file", "exported", type=click.File("r", encoding="utf-8"), help="核验导出的文件，不连数据库"
)
@json_option
def verify(exported: IO[str] | None, as_json: bool) -> None:
    """逐条核验审计链；有断裂则退出码为 1。"""
    if exported is not None:
        found = audit_chain.verify_lines(exported)
    else:
        with open_runtime().ctx.sessions() as tx:
            found = chain.verify(tx)
    values = {
        "ok": found.ok,
        "entries": found.entries,
        "first_bad_seq": found.first_bad_seq,
        "head": found.head,
    }
    text = f"审计链完整，共 {found.entries} 条，末条指纹 {found.head}"
    if not found.ok:
        text = f"审计链在第 {found.first_bad_seq} 条断裂"
    click.echo(json.dumps(values) if as_json else text)
    sys.exit(0 if found.ok else 1)


@audit.command()
def export() -> None:
    """以 JSON Lines 输出整条审计链，可离线核验。"""
    with open_runtime().ctx.sessions() as tx:
        for line in chain.export(tx):
            click.echo(line)


@audit.command("files")
@json_option
def verify_files(as_json: bool) -> None:
    """逐个核验存档文件；有缺失或改动则退出码为 1。"""
    ctx = open_runtime().ctx
    with ctx.sessions() as tx:
        found = whole.verify_files(tx, ctx.files)
    lines = [f"文件缺失：{sha256}" for sha256 in found.missing]
    lines += [f"文件被改动：{sha256}" for sha256 in found.changed]
    text = "\n".join(lines or [f"存档文件完整，共 {found.named} 个"])
    values = {"ok": found.ok, **asdict(found)}
    click.echo(json.dumps(values) if as_json else text)
    sys.exit(0 if found.ok else 1)


@click.command("trial-balance")
@json_option
def trial_balance(as_json: bool) -> None:
    """试算平衡表；不平则退出码为 1。"""
    with open_runtime().ctx.sessions() as tx:
        found = ledger.trial_balance(tx)
        drifted = ledger.drifted(tx)
    values = {
        "total_fen": found.total_fen,
        "by_kind": {str(kind): fen for kind, fen in found.by_kind.items()},
        "drifted": drifted,
    }
    lines = [f"{ACCOUNT_NAMES[kind]}：{yuan(fen)}" for kind, fen in found.by_kind.items()]
    lines.append(f"借贷差额：{yuan(found.total_fen)}")
    lines += [f"余额与流水不符：{number}" for number in drifted]
    click.echo(json.dumps(values, ensure_ascii=False) if as_json else "\n".join(lines))
    sys.exit(0 if found.total_fen == 0 and not drifted else 1)
