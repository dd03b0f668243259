"""A whole estate's posters, in one ZIP file, from the command line."""

import json
import shutil
import time
from pathlib import Path
from typing import get_args
from uuid import UUID

import click

from backend.commands.one_line import BadArguments, json_option
from backend.commands.runtime import open_runtime
from backend.domain.posters import FileFormat, NoticePaper, PosterKind
from backend.services.base.context import Context
from backend.services.printing import print_orders, print_run
from backend.services.printing.print_orders import KIND_NAMES, PrintProgress, PrintRequest
from backend.store.posters import PrintOrderState
from backend.store.queries.posters import estate_by_code

PAUSE_SECONDS = 0.3


@click.command()
@click.option("--estate", required=True, help="小区编号")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(get_args(PosterKind)),
    help="只印这些："
    + "，".join(f"{kind} {name}" for kind, name in KIND_NAMES.items())
    + "；不写则全部",
)
@click.option(
    "--paper", default="A4", type=click.Choice(get_args(NoticePaper)), help="大堂公示的纸张"
)
@click.option("--format", "format_", default="pdf", type=click.Choice(get_args(FileFormat)))
@click.option("--bleed", is_flag=True, help="四边各加 3 毫米出血")
@json_option
def posters(
    estate: str,
    out: Path,
    kinds: tuple[PosterKind, ...],
    paper: NoticePaper,
    format_: FileFormat,
    bleed: bool,
    as_json: bool,
) -> None:
    """印制一个小区的全部轿厢卡、公示和保险说明，装进一个 ZIP。"""
    if out.exists():
        raise BadArguments(f"{out} 已存在，请换一个文件名")
    runtime = open_runtime()
    request = PrintRequest(
        _estate_id(runtime.ctx, estate), kinds or get_args(PosterKind), paper, format_, bleed
    )
    order = print_orders.order_posters(runtime.ctx, None, request)
    done = _printed(runtime.ctx, order, runtime.settings.public_url, quiet=as_json)
    _, printed = print_orders.read_zip(runtime.ctx, None, order.id)
    try:
        shutil.copyfile(printed, out)
    except OSError as error:
        raise BadArguments(f"{out} 无法写入：{error.strerror}") from None
    _print_progress(done, out, as_json)


def _estate_id(ctx: Context, code: str) -> UUID:
    with ctx.sessions() as tx:
        estate = estate_by_code(tx, code)
        if estate is None:
            raise BadArguments(f"没有编号为 {code} 的小区，请核对编号。")
        return estate.id


def _printed(ctx: Context, order: PrintProgress, public_url: str, quiet: bool) -> PrintProgress:
    """Work on the order here, or watch whoever was faster, until it is done."""
    progress = order
    with click.progressbar(length=order.total, label="印制海报", hidden=quiet) as bar:

        def tick() -> bool:
            now = print_orders.read_order(ctx, None, order.id)
            bar.update(now.done - bar.pos)
            return True

        while progress.state != PrintOrderState.DONE:
            print_run.carry_on(ctx, order.id, public_url, tick)
            progress = print_orders.read_order(ctx, None, order.id)
            bar.update(progress.done - bar.pos)
            if progress.state != PrintOrderState.DONE:
                time.sleep(PAUSE_SECONDS)
    return progress


def _print_progress(done: PrintProgress, out: Path, as_json: bool) -> None:
    made = done.total - len(done.failures)
    if as_json:
        failures = [{"name": f.name, "place": f.place, "reason": f.reason} for f in done.failures]
        answer = {"file": str(out), "posters": made, "failures": failures}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"已印制 {made} 张，装入 {out}")
    for failure in done.failures:
        click.echo(f"没有印成：{failure.place}，{failure.reason}", err=True)
