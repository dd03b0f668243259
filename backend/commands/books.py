"""What auditors run: the audit chain, the files and the trial balance."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from backend import verify_books, verify_export
from backend.commands.one_line import BadArguments, OneLineGroup, json_option
from backend.commands.runtime import open_runtime
from backend.domain.ledger import ACCOUNT_NAMES
from backend.domain.money import yuan
from backend.services.base import audit as chain
from backend.services.books import households, ledger
from backend.services.files import audit_archive, whole
from backend.store.signer import Signer

VERIFIER, OF_BOOKS = Path(verify_export.__file__), Path(verify_books.__file__)
ABOUT = f"""审计归档

entries.jsonl      审计链，一行一条，按序号；最后一条就是本次导出
checkpoints.jsonl  每日检查点：当天审计链到第几条、那一条的指纹、签名（Ed25519）
keys.jsonl         检查点的公钥
postings.jsonl     全部分录，一行一笔账的一方，账户写编号
files.jsonl        分录清单和应当在存的附件的 SHA-256
{VERIFIER.name}   离线核对用，只要 Python 3.9 以上和 OpenSSL 3；请尽量改用从程序发布处取得的同一文件

    python3 {VERIFIER.name} 归档 检查点 [检查点 …]
    python3 {OF_BOOKS.name} 归档

检查点要用事先另存、没有和归档放在一起的，可以给几份。归档里自带的检查点和公钥不能证明自己，只帮助找出问题在哪几条之间。
{OF_BOOKS.name} 逐笔核对分录借贷相等；第一步通过以后，它的结果才能作证。
"""


@click.group(cls=OneLineGroup)
def audit() -> None:
    """审计链：核验与导出；存档文件：核验。"""


@audit.command()
@json_option
def verify(as_json: bool) -> None:
    """逐条核验审计链；有断裂则退出码为 1。导出的归档用其中的 verify_export.py 离线核验。"""
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
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(out: Path) -> None:
    """把整条审计链导出为一个归档（ZIP），标准输出给出末条的检查点，请与归档分开保存。"""
    if out.exists():
        raise BadArguments(f"{out} 已存在，请换一个文件名")
    runtime = open_runtime()
    signer = Signer(runtime.settings.signing_key())
    beside = {each.name: each.read_bytes() for each in (VERIFIER, OF_BOOKS)}
    beside["README.txt"] = ABOUT.encode()
    try:
        with NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as part:
            try:
                point = audit_archive.write(runtime.ctx, signer, part.file, beside)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(out)  # whole, or not there
            finally:
                Path(part.name).unlink(missing_ok=True)
    except OSError as error:
        raise BadArguments(f"{out} 无法写入：{error.strerror}") from None
    click.echo(f"已导出 {point.seq} 条到 {out}", err=True)
    click.echo(point.line)


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
        flats_off = households.drifted(tx)
    values = {
        "total_fen": found.total_fen,
        "by_kind": {str(kind): fen for kind, fen in found.by_kind.items()},
        "drifted": drifted,
        "households_drifted": flats_off,
    }
    lines = [f"{ACCOUNT_NAMES[kind]}：{yuan(fen)}" for kind, fen in found.by_kind.items()]
    lines.append(f"借贷差额：{yuan(found.total_fen)}")
    lines += [f"余额与流水不符：{number}" for number in drifted]
    lines += [f"分户合计与账面不符：{number}" for number in flats_off]
    click.echo(json.dumps(values, ensure_ascii=False) if as_json else "\n".join(lines))
    sys.exit(0 if found.total_fen == 0 and not drifted and not flats_off else 1)
