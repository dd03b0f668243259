"""Published answers of earlier versions, on the server."""

import click

from backend.commands.runtime import open_runtime
from backend.services.public_notice import old_answers


@click.command()
def mask_answers() -> None:
    """隐去以前版本公布的答复里的姓名、电话和门牌；可随时中断，再运行一次接着做。"""
    answered, changed = old_answers.mask_answers(open_runtime().ctx)
    click.echo(f"核对答复 {answered} 份，隐去 {changed} 份")
