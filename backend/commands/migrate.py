"""The database's tables, brought up to date."""

import click

from backend.commands.house import open_house
from backend.store import migrate as migrations


@click.command()
def migrate() -> None:
    """把数据库的表升级到当前版本。"""
    migrations.upgrade(open_house().settings.database_url)
    click.echo(f"数据库已是最新版本：{migrations.head()}")
