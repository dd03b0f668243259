"""Rights given on the server: how the first administrator comes to be."""

from datetime import datetime, time
from uuid import UUID

import click

from backend.commands.runtime import open_runtime
from backend.domain.local_time import SHANGHAI
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, Role
from backend.services.people import grants

ROLES = [str(role) for role in Role if role in GRANT_SCOPES]


@click.command()
@click.option("--openid", required=True, help="本人登录后的 openid")
@click.option("--appid", help="openid 所属的 appid，默认小程序")
@click.option("--role", type=click.Choice(ROLES), required=True, help="角色")
@click.option("--scope", type=click.UUID, help="小区或保险机构的编号；全市角色不填")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="有效至（含当日）")
def grant(
    openid: str, appid: str | None, role: str, scope: UUID | None, until: datetime | None
) -> None:
    """授予权限；第一位管理员由此产生。"""
    runtime = open_runtime()
    ctx = runtime.ctx
    person_id = grants.person_of(ctx, appid or runtime.settings.mini_appid, openid)
    ends = datetime.combine(until, time.max, SHANGHAI) if until else None
    grants.grant(ctx, None, person_id, Role(role), scope, ends)
    click.echo(f"已授予{ROLE_NAMES[Role(role)]}：{person_id}")
