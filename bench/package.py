"""Bytes of the mini-program's package; the aim is 1 MB at most.

    .venv/bin/python -m bench.package

Counted is the source that project.config.json lets DevTools pack, as it is written. DevTools
compiles and minifies it first, so its own figure differs: the upload dialog has the last word.
"""

import json
from collections import Counter
from pathlib import Path

import click

SOURCE = Path(__file__).parents[1] / "miniprogram_stub"
OURS_ALONE = {"project.config.json", "project.private.config.json"}
AIM_BYTES = 1_000_000


def packed() -> list[Path]:
    """The files that go into the package."""
    project = json.loads((SOURCE / "project.config.json").read_text(encoding="utf-8"))
    rules = project["packOptions"]["ignore"]
    files = (path for path in sorted(SOURCE.rglob("*")) if path.is_file())
    return [
        path
        for path in files
        if path.name not in OURS_ALONE
        and not any(_leaves_out(rule, path.relative_to(SOURCE).as_posix()) for rule in rules)
    ]


def _leaves_out(rule: dict[str, str], name: str) -> bool:
    value = rule["value"]
    if rule["type"] == "folder":
        return name.startswith(f"{value}/")
    return name.endswith(value) if rule["type"] == "suffix" else name == value


def measure() -> dict[str, object]:
    """Bytes by kind of file, and whether the aim is met."""
    by_kind: Counter[str] = Counter()
    for path in packed():
        by_kind[path.suffix.removeprefix(".")] += path.stat().st_size
    total = by_kind.total()
    return {
        "package_bytes": total,
        "by_kind": dict(by_kind.most_common()),
        "aim_bytes": AIM_BYTES,
        "aim_met": total <= AIM_BYTES,
    }


@click.command()
def main() -> None:
    """Print one JSON document."""
    click.echo(json.dumps(measure(), indent=2))


if __name__ == "__main__":
    main()
