"""`tibao codes`: the words that programs decide by, as `docs/api.md` shows them.

The document holds what is printed here word for word, and a test says so when it does not.
"""

import click

from backend.domain.audit_actions import AuditAction
from backend.domain.refusals import BY_KIND, BY_STATUS, IN_A_STEP_TOO
from backend.http.envelope import STATUS_OF_KIND


def refusals() -> str:
    """Every refusal code with its HTTP status and its meaning (Markdown)."""
    found = {
        code: (_statuses(code, STATUS_OF_KIND[kind]), meaning)
        for kind, meanings in BY_KIND.items()
        for code, meaning in meanings.items()
    }
    found |= {code: (str(status), meaning) for code, (status, meaning) in BY_STATUS.items()}
    rows = [f"| `{code}` | {found[code][0]} | {found[code][1]} |" for code in sorted(found)]
    return "\n".join(["| Code | Status | Meaning |", "| --- | --- | --- |", *rows]) + "\n"


def _statuses(code: str, status: int) -> str:
    conflict = STATUS_OF_KIND["conflict"]
    return f"{status}, {conflict} in a step" if code in IN_A_STEP_TOO else str(status)


def audit_actions() -> str:
    """Every action of the audit chain beside the steps of a purchase (Markdown)."""
    rows = [f"| `{action}` | {action.meaning} |" for action in AuditAction]
    return "\n".join(["| Action | What happened |", "| --- | --- |", *rows]) + "\n"


@click.command()
@click.argument("which", type=click.Choice(["refusals", "audit"]))
def codes(which: str) -> None:
    """列出接口的拒绝代码，或审计链的操作名称（Markdown）。"""
    click.echo(refusals() if which == "refusals" else audit_actions(), nl=False)
