"""People kept out on the server: for when the administrator's own account is the one to close,
or the only administrator's authenticator is lost."""

from uuid import UUID

import click

from backend.commands.runtime import open_runtime
from backend.runtime import Runtime
from backend.services.people import desk_accounts, grants, lockouts, second_factors

OPENID = click.option("--openid", required=True, help="本人登录后的 openid")
APPID = click.option("--appid", help="openid 所属的 appid，默认小程序")
REASON = click.option("--reason", required=True, help="理由，会存档")


@click.command()
@OPENID
@APPID
@REASON
def lock_out(openid: str, appid: str | None, reason: str) -> None:
    """停用一个人的账号，并结束其全部登录。"""
    runtime = open_runtime()
    person_id = _person(runtime, appid, openid)
    lockouts.lock_out(runtime.ctx, None, person_id, reason)
    click.echo(f"已停用：{person_id}")


@click.command()
@OPENID
@APPID
@REASON
def let_in(openid: str, appid: str | None, reason: str) -> None:
    """恢复一个停用的账号。"""
    runtime = open_runtime()
    person_id = _person(runtime, appid, openid)
    lockout_id = lockouts.open_lockout_of(runtime.ctx, person_id)
    lockouts.let_in(runtime.ctx, None, lockout_id, reason)
    click.echo(f"已恢复：{person_id}")


@click.command()
@OPENID
@APPID
def end_sessions(openid: str, appid: str | None) -> None:
    """结束一个人的全部登录。"""
    runtime = open_runtime()
    ended = lockouts.end_sessions(runtime.ctx, None, _person(runtime, appid, openid))
    click.echo(f"已结束 {ended} 处登录")


@click.command()
@click.option("--number", required=True, help="登录编号，八位数字")
def confirm_desk_account(number: str) -> None:
    """确认对一个没有微信的人员的邀请：中心只有一位系统管理员时用。"""
    runtime = open_runtime()
    person_id = desk_accounts.person_of(runtime.ctx, number)
    desk_accounts.confirm(runtime.ctx, None, person_id)
    click.echo(f"已确认：{person_id}")


@click.command()
@OPENID
@APPID
def reset_second_factor(openid: str, appid: str | None) -> None:
    """重置一个人的验证器，工作台上的登录随即结束。"""
    runtime = open_runtime()
    person_id = _person(runtime, appid, openid)
    second_factors.reset(runtime.ctx, None, person_id)
    click.echo(f"已重置：{person_id}")


def _person(runtime: Runtime, appid: str | None, openid: str) -> UUID:
    return grants.person_of(runtime.ctx, appid or runtime.settings.mini_appid, openid)
