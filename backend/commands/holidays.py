"""A year's holidays, when the State Council or the place announces them."""

from typing import IO

import click

from backend.commands.runtime import open_runtime
from backend.domain.errors import refuse
from backend.services.public_notice import recount


@click.command("import-holidays")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def import_holidays(file: IO[str]) -> None:
    """导入一年的放假安排（TOML 或 JSON），并重算暂定期限。"""
    try:
        text = file.read()
    except UnicodeDecodeError:
        raise refuse("holiday_file_unreadable", "文件不是 UTF-8 文本。") from None
    year, moved = recount.import_year(open_runtime().ctx, text)
    click.echo(f"已导入 {year.year} 年（{year.source}），{moved} 个期限有变动")
