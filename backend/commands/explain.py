"""`tibao explain`: rules explained on the command line, for people or (--json) for programs."""

import json

import click

from backend.commands.one_line import OneLineGroup, json_option
from backend.explain import (
    deadline_text,
    explain_deadline,
    explain_split,
    split_text,
    split_values,
)


@click.group(cls=OneLineGroup, no_args_is_help=False)
def explain() -> None:
    """解释规则：期限怎么算，金额怎么分。"""


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


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
