"""A lift's QR code on the server: issued anew, or revoked."""

import click

from backend.commands.runtime import open_runtime
from backend.services.public import lift_tokens


@click.command("lift-token")
@click.argument("registration_code")
@click.option("--reason", required=True, help="原因，记入审计")
@click.option("--revoke", is_flag=True, help="只停用，不换发")
def lift_token(registration_code: str, reason: str, revoke: bool) -> None:
    """换发或停用一台电梯的二维码；旧码立即失效。"""
    runtime = open_runtime()
    lift_id = lift_tokens.lift_by_code(runtime.ctx, registration_code)
    if revoke:
        reprint = lift_tokens.revoke_token(runtime.ctx, None, lift_id, reason)
        click.echo(f"已停用：{registration_code}")
    else:
        issued = lift_tokens.issue_token(runtime.ctx, None, lift_id, reason)
        reprint = issued.reprint
        click.echo(lift_tokens.printed_address(runtime.settings.public_url, issued.token))
    if reprint:
        click.echo(f"请重新打印并换下张贴的公示：{'、'.join(reprint)}", err=True)
