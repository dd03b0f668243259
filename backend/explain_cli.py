"""`tibao explain`: rules explained on the command line, for people or (--json) for programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from backend.domain.city import BadCity
from backend.domain.errors import Refused
from backend.explain import (
    deadline_text,
    explain_deadline,
    explain_split,
    split_text,
    split_values,
)


class BadArguments(click.ClickException):
    """Wrong words on the command line: exit status 2 and one line on standard error."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the one line."""
        click.echo(" ".join(self.format_message().split()), file=file, err=True)


class OneLineGroup(click.Group):
    """A group under which everything wrong on the command line is told in one line.

    Usage errors, refusals and bad city files of all its commands become BadArguments.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the group's own options."""
        with one_line():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Find, parse and run the subcommand."""
        with one_line():
            return super().invoke(ctx)


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what a person can do wrong into BadArguments."""
    try:
        yield
    except click.UsageError as error:
        raise BadArguments(error.format_message()) from None
    except Refused as refused:
        raise BadArguments(" ".join(one.message for one in refused.refusals)) from None
    except BadCity as error:
        raise BadArguments(str(error)) from None


@click.group(cls=OneLineGroup, no_args_is_help=False)
def explain() -> None:
    """解释规则：期限怎么算，金额怎么分。"""


as_json = click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 文档")


@explain.command()
@click.option("--city", required=True, help="城市代码，如 jishou")
@click.option("--kind", required=True, help="期限种类：publicity（公示）或 payment（拨付）")
@click.option("--from", "start", required=True, help="开始的当日，如 2025-01-20")
@as_json
def deadline(city: str, kind: str, start: str, as_json: bool) -> None:
    """期限到哪一天为止，为什么。"""
    found = explain_deadline(city, kind, start)
    click.echo(_json(found.as_json()) if as_json else deadline_text(found))


@explain.command("split")
@click.option("--total", required=True, help="要分的金额（元），如 7907.40")
@click.option("--weight", "weights", multiple=True, required=True, help="名称=数*数，可重复")
@as_json
def split_command(total: str, weights: tuple[str, ...], as_json: bool) -> None:
    """按权重分摊，一分不多一分不少。"""
    total_fen, parts = explain_split(total, weights)
    values = split_values(total_fen, parts)
    click.echo(_json(values) if as_json else split_text(total_fen, parts))


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
