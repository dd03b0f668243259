"""The database's tables, brought up to date."""

import click

from backend.commands.one_line import BadArguments
from backend.commands.runtime import open_runtime
from backend.store import migrate as migrations


@click.command()
def migrate() -> None:
    """把数据库的表升级到当前版本。"""
    try:
        migrations.upgrade(open_runtime().settings.database_url)
    except migrations.TablesBusy:
        raise BadArguments(
            "数据库的表正被占用，升级没有开始，数据没有改变：请停止 API 和后台进程后再运行一次。"
        ) from None
    click.echo(f"数据库已是最新版本：{migrations.head()}")
