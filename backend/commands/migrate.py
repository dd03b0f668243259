"""The database's tables, brought up to date, and what is found by hashes with them."""

import click
from psycopg.errors import DiskFull
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from backend.commands.one_line import BadArguments
from backend.commands.owner import not_let_in, owner_sessions, owner_url
from backend.commands.runtime import open_runtime
from backend.config import Settings
from backend.services.people.key_check import note_key
from backend.services.people.name_hashes import renew_name_hashes
from backend.store import migrate as migrations
from backend.store.rights import TooMuchPower


@click.command()
def migrate() -> None:
    """把数据库的表升级到当前版本，并重新授予程序的权限。"""
    runtime = open_runtime(migrated=False)
    _upgrade(runtime.settings)
    with owner_sessions(runtime.settings) as sessions:
        if note_key(sessions, runtime.ctx.cipher):
            click.echo("新密钥已登记：请启动程序，再运行 tibao keys rotate。")
    renewed = renew_name_hashes(runtime.ctx)
    if renewed.changed or renewed.doubles:
        click.echo(f"名册检索已更新：{renewed.changed} 项。")
    if renewed.doubles:
        click.echo(f"另有 {renewed.doubles} 项与同户或同届的另一项只是写法不同，请中心核对名册。")
    click.echo(f"数据库已是最新版本：{migrations.head()}")


def _upgrade(settings: Settings) -> None:
    programs, owner = make_url(settings.database_url), owner_url(settings)
    try:
        migrations.upgrade(owner, programs=programs.username or "")
    except migrations.TablesBusy:
        raise BadArguments(
            "数据库的表正被占用，升级没有开始，数据没有改变：请停止 API 和后台进程后再运行一次。"
        ) from None
    except TooMuchPower as power:
        raise BadArguments(
            "程序的数据库角色权限过大，升级没有进行，数据没有改变：请由数据库管理员收回后再运行一次"
            f"（{power}）。"
        ) from None
    except OperationalError as error:  # its words could quote more than the address
        if isinstance(error.orig, DiskFull):
            raise
        raise not_let_in() from None
