"""The database's tables, brought up to date, and what is found by hashes with them."""

import click

from backend.commands.one_line import BadArguments
from backend.commands.runtime import open_runtime
from backend.services.people.name_hashes import renew_name_hashes
from backend.store import migrate as migrations


@click.command()
def migrate() -> None:
    """把数据库的表升级到当前版本。"""
    runtime = open_runtime()
    try:
        migrations.upgrade(runtime.settings.database_url)
    except migrations.TablesBusy:
        raise BadArguments(
            "数据库的表正被占用，升级没有开始，数据没有改变：请停止 API 和后台进程后再运行一次。"
        ) from None
    renewed = renew_name_hashes(runtime.ctx)
    if renewed.changed or renewed.doubles:
        click.echo(f"名册检索已更新：{renewed.changed} 项。")
    if renewed.doubles:
        click.echo(f"另有 {renewed.doubles} 项与同户或同届的另一项只是写法不同，请中心核对名册。")
    click.echo(f"数据库已是最新版本：{migrations.head()}")
