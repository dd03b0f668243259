"""Each program loads what it needs and nothing else: what it brings takes memory all its life."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "PIL",
    "alembic",
    "flask",
    "flask_openapi3",
    "fontTools",
    "granian",
    "openpyxl",
    "pillow_heif",
    "psutil",
    "pydantic",
    "qrcode",
    "requests",
    "sqlalchemy",
    "typst",
    "wechatpy",
    "zxingcpp",
}
PICTURES = {"PIL", "qrcode", "zxingcpp"}

# The modules that a program begins with, and what of HEAVY it works with.
PROGRAMS = {
    "deliveries": ("backend.commands.worker backend.programs.deliveries", {"sqlalchemy"}),
    "callbacks": ("backend.commands.worker backend.programs.callbacks", {"sqlalchemy"}),
    "printing": (
        "backend.commands.worker backend.programs.printing",
        {"sqlalchemy", *PICTURES},
    ),
    "cron": ("backend.commands.cron backend.programs.sweeps", {"sqlalchemy"}),
    "workers": (
        "backend.commands.workers backend.programs.everything",
        {"sqlalchemy", *PICTURES},
    ),
    "run": ("backend.commands.run", {"psutil"}),
    "sandbox": ("backend.commands.emulator", set()),
    "migrate": ("backend.commands.migrate", {"alembic", "sqlalchemy"}),
    "api": (
        "backend.app",
        {"flask", "flask_openapi3", "pydantic", "requests", "sqlalchemy"} | {"wechatpy", *PICTURES},
    ),
}


# Rooms of ours that a program has no business in.
FOREIGN_ROOMS = {
    "deliveries": ("backend.pictures", "backend.services.case", "backend.wechat.bot"),
    "callbacks": ("backend.pictures", "backend.wechat.callbacks", "backend.http"),
    "printing": ("backend.wechat.bot", "backend.http"),
    "cron": ("backend.pictures", "backend.wechat.bot", "backend.wechat.channels"),
    "workers": ("backend.http", "backend.desk"),
    "run": ("backend.store", "backend.services", "backend.wechat", "backend.domain.routes"),
    "api": ("backend.wechat.bot", "backend.wechat.channels", "backend.services.workbooks"),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_loads_what_it_needs_and_nothing_else(program: str) -> None:
    modules, needed = PROGRAMS[program]
    loaded = _loaded_by("backend.cli", *modules.split())
    assert loaded & HEAVY == needed
    foreign = FOREIGN_ROOMS.get(program, ())
    assert [module for module in loaded if foreign and module.startswith(foreign)] == []


def _loaded_by(*modules: str) -> set[str]:
    """The modules of a fresh process that imports these."""
    lines = [f"import {module}" for module in modules]
    program = "\n".join([*lines, "import sys", "print(*sys.modules)"])
    words = [sys.executable, "-c", program]
    return set(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())


BEGINNINGS = {
    "a command": "from backend.cli import main; main(['explain', '--help'], standalone_mode=False)",
    "the api": (
        "from backend import app; from backend.programs import api; api.load_settings = sys.exit\n"
        "try: app.create_served()\n"
        "except SystemExit: pass\n"
    ),
}


@pytest.mark.parametrize("program", BEGINNINGS)
def test_what_a_program_writes_is_for_its_owner_alone_whatever_the_server_says(
    program: str, tmp_path: Path
) -> None:
    folder = tmp_path / "written"
    code = f"import os, sys\n{BEGINNINGS[program]}\n" + (
        "os.mkdir(sys.argv[1]); open(sys.argv[1] + '/file', 'w').close()"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, umask=0)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "file").stat().st_mode & 0o777 == 0o600
