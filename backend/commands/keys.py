"""The key that seals, and the change to another one (docs/operating.md)."""

import click
from sqlalchemy.exc import OperationalError

from backend.commands.one_line import BadArguments
from backend.commands.owner import owner_sessions
from backend.commands.runtime import open_runtime
from backend.domain.wording import minute
from backend.services.people import key_rotation

BROKEN_OFF = (
    "数据库正忙、断开了或磁盘已满。已经更换的都算数，请再运行一次 tibao keys rotate 接着做。"
)


@click.group()
def keys() -> None:
    """密钥：查看更换进度，把已加密的数据换用新密钥。"""


@keys.command()
def status() -> None:
    """现用哪个密钥，还有多少数据没有换用它。"""
    runtime = open_runtime()
    found = key_rotation.status(runtime.ctx.sessions, runtime.ctx.cipher)
    for key in reversed(found.keys):
        what = "已停用" if key.retired else "现用" if key is found.keys[-1] else "旧密钥，只解密"
        click.echo(f"密钥 {key.id}　{what}　{minute(key.noted_at)} 登记　加密 {key.values} 项")
    if found.unbound:
        click.echo(f"旧格式（未与位置绑定）　{found.unbound} 项")
    for name, number in found.left.items():
        click.echo(f"待更换　{name}　{number} 项")
    if found.left:
        click.echo("请运行 tibao keys rotate。")
    else:
        click.echo("全部已用现用密钥加密。")
    if found.old_logins:
        logins = f"旧密钥时期的登录 {found.old_logins} 处"
        click.echo(f"{logins}：撤下旧密钥后，本人再打开时自动重新登录。")


@keys.command()
def rotate() -> None:
    """把全部已加密的数据换用现用密钥；可随时中断，再运行一次接着做。"""
    runtime = open_runtime()
    try:
        with owner_sessions(runtime.settings) as sessions:
            outcome = key_rotation.rotate(sessions, runtime.ctx.cipher, _tell)
    except OperationalError:  # its words could quote more than the address
        raise BadArguments(BROKEN_OFF) from None
    for place in outcome.found.odd:
        click.echo(f"请核对：与检索值不符　{place}")
    for broken in outcome.found.broken:
        click.echo(f"没有打开　{broken}", err=True)
    if outcome.left:
        left = sum(outcome.left.values())
        raise BadArguments(
            f"本次更换 {outcome.changed} 项，还有 {left} 项没有更换，旧密钥仍要保留。"
            "有打不开的，先按备份修复；没有的，是程序还在用旧密钥，请重启程序后再运行一次。"
        )
    click.echo(f"本次更换 {outcome.changed} 项，全部完成。")
    click.echo("请撤下 TIBAO_OLD_SECRET_KEY（如已填写），并重启程序。")


def _tell(place: str, done: int) -> None:
    click.echo(f"{place}　{done} 项")
