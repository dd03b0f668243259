"""The mini-program's own checks, which run in Node: types, templates, pages, and the web build."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.cli import main

ROOT = Path(__file__).parents[1]
WEB = ROOT / "miniprogram_web"
TSC = "node_modules/typescript/bin/tsc"
LONGEST_SECONDS = 600
FOLDER = ROOT / "tests" / "miniprogram"


def run(node: str, *words: str, text: str | None = None) -> None:
    """One program of miniprogram_web/, which must succeed; its words are the failure's."""
    done = subprocess.run(
        [node, *words],
        check=False,
        cwd=WEB,
        input=text,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(words)}\n{done.stdout}\n{done.stderr}", pytrace=False)


def test_the_mini_program_has_sound_types(node: str) -> None:
    run(node, TSC, "--project", str(ROOT / "miniprogram_stub"))


def test_the_harness_has_sound_types(node: str) -> None:
    run(node, TSC, "--project", str(WEB))


def test_templates_pass_wechats_own_compiler(node: str) -> None:
    run(node, "lint.mjs")


def test_the_types_of_the_api_are_those_it_describes(node: str) -> None:
    told = CliRunner().invoke(main, ["openapi"], catch_exceptions=False)
    run(node, "types.mjs", "--check", text=told.stdout)


def test_the_web_build_holds_every_page(node: str, tmp_path: Path) -> None:
    run(node, "build.mjs", "--out", str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"index.html", "mini.css", "mini.js"}


def test_pages_and_harness_pass_their_tests_in_node(node: str) -> None:
    """All in one Node, which builds the mini-program and loads its harness once."""
    files = sorted(FOLDER.glob("*.test.mjs"))
    assert files
    every = "".join(f"import {json.dumps(path.as_uri())}\n" for path in files)
    run(node, "--test-reporter=spec", "--input-type=module", "--eval", every)
