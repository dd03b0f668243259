"""Words on the command line: what is wrong with them is told in one line, exit status 2."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from backend.config import BadSettings
from backend.domain.city.bad_city import BadCity
from backend.domain.errors import Refused
from backend.loading import load

json_option = click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 文档")
migrating_option = click.option("--migrating", is_flag=True, help="数据库的表正在升级，等它完成")


class BadArguments(click.ClickException):
    """Wrong words on the command line: exit status 2 and one line on standard error."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the one line."""
        click.echo(" ".join(self.format_message().split()), file=file, err=True)


class OneLineGroup(click.Group):
    """A group under which everything wrong on the command line is told in one line.

    Usage errors, refusals, bad settings and bad city files of all its commands become BadArguments,
    and so do a full disk and a database that goes away in the middle.
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
    """Turn what a person can do wrong, or look after, into BadArguments."""
    try:
        yield
    except click.UsageError as error:
        raise BadArguments(error.format_message()) from None
    except Refused as refused:
        raise BadArguments(" ".join(one.message for one in refused.refusals)) from None
    except (BadCity, BadSettings) as error:
        raise BadArguments(str(error)) from None
    except Exception as error:
        # Not loaded before: a command that asks no database waits for no driver.
        if message := load("backend.commands.broken_off").in_words(error):
            raise BadArguments(message) from None
        raise
