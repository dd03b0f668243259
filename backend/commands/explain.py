"""`tibao explain`: rules explained on the command line, for people or (--json) for programs."""

import json
from collections.abc import Mapping
from typing import Any

import click

from backend.commands.one_line import OneLineGroup, json_option
from backend.explain import (
    deadline_text,
    explain_deadline,
    explain_split,
    split_text,
    split_values,
)
from backend.explain_close import close_text, close_values
from backend.explain_income import Words, explain_income, income_text, income_values
from backend.loading import load


@click.group(cls=OneLineGroup, no_args_is_help=False)
def explain() -> None:
    """解释规则：期限怎么算，金额怎么分，利息归谁。"""


@explain.command()
@click.option("--city", required=True, help="城市代码，如 jishou")
@click.option(
    "--kind", required=True, help="期限种类：public_notice_period（公示）或 payment（拨付）"
)
@click.option("--from", "start", required=True, help="开始的当日，如 2025-01-20")
@json_option
def deadline(city: str, kind: str, start: str, as_json: bool) -> None:
    """期限到哪一天为止，为什么。"""
    found = explain_deadline(city, kind, start)
    click.echo(_json(found.as_json()) if as_json else deadline_text(found))


@explain.command("split")
@click.option("--total", required=True, help="要分的金额（元），如 7907.40")
@click.option("--weight", "weights", multiple=True, required=True, help="名称=数*数，可重复")
@json_option
def split_command(total: str, weights: tuple[str, ...], as_json: bool) -> None:
    """按权重分摊，一分不多一分不少。"""
    total_fen, parts = explain_split(total, weights)
    values = split_values(total_fen, parts)
    click.echo(_json(values) if as_json else split_text(total_fen, parts))


@explain.command()
@click.option("--principal", required=True, help="本金（元），如 3456789.12")
@click.option("--rate", required=True, help="合同年利率（百分数），如 1.95")
@click.option("--benchmark", required=True, help="同期基准年利率（百分数），如 1.5")
@click.option("--days", help="存期天数，与 --years 二选一")
@click.option("--basis", default="360", show_default=True, help="按天计息时一年的天数：360 或 365")
@click.option("--years", help="存期整年数，与 --days 二选一")
@click.option("--from", "start", help="起息日，写了就按天数分到各年")
@click.option("--to", "end", help="到期日（当天不计息）")
@json_option
def income(as_json: bool, **words: Any) -> None:
    """一笔存款的利息：多少归业主，多少是增值收益，各属哪一年。"""
    found = explain_income(Words(**words))
    click.echo(_json(income_values(found)) if as_json else income_text(found))


@explain.command()
@click.option("--year", type=click.IntRange(1900, 2200), required=True, help="公历年份，如 2025")
@click.option("--account", help="统筹账户编号；不写为全部账户")
@json_option
def close(year: int, account: str | None, as_json: bool) -> None:
    """一年的增值收益怎么分，每个统筹账户的数从哪里来。"""
    # Not loaded before: the other explanations ask no database.
    ctx = load("backend.commands.runtime").open_runtime().ctx
    found = load("backend.services.income.closing").latest(ctx, year, account)
    click.echo(_json(close_values(*found)) if as_json else close_text(*found))


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
