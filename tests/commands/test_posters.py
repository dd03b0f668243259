"""`tibao posters`: an estate's posters in one ZIP, with what could not be made."""

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend import wiring
from backend.cli import main
from backend.config import load_settings
from backend.domain.tokens import token_text
from backend.store.registry import LiftToken
from tests.build.clock import ManualClock
from tests.build.village import populate_village


@pytest.fixture
def estate(environment: None, clock: ManualClock) -> str:
    """The code of an estate with two lifts, of which the first has a code."""
    runtime = wiring.build(load_settings())
    village = populate_village(runtime.ctx, clock)
    with runtime.ctx.sessions() as tx:
        token = token_text(b"k" * 16)
        tx.add(LiftToken(token=token, lift_id=village.lifts[0], issued_at=clock()))
        tx.commit()
    runtime.engine.dispose()
    return "E1"


def called(*words: str) -> Result:
    return CliRunner().invoke(main, ["posters", *words])


def test_the_zip_holds_what_could_be_made_and_the_rest_is_told(estate: str, tmp_path: Path) -> None:
    out = tmp_path / "posters.zip"
    ended = called("--estate", estate, "--out", str(out))
    assert ended.exit_code == 0, ended.stderr
    assert "已印制 2 张" in ended.stdout
    assert ended.stderr.count("没有印成：1栋2单元1号梯") == 2
    assert sorted(zipfile.ZipFile(out).namelist()) == [
        "保险说明/003 1栋1单元1号梯.pdf",
        "没有印成的.txt",
        "轿厢卡/001 1栋1单元1号梯.pdf",
    ]


def test_one_kind_is_printed_alone_and_told_as_json(estate: str, tmp_path: Path) -> None:
    out = tmp_path / "cards.zip"
    words = ("--kind", "cab_card", "--format", "png", "--bleed", "--json")
    ended = called("--estate", estate, "--out", str(out), *words)
    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["file"], told["posters"]) == (str(out), 1)
    assert [failure["place"] for failure in told["failures"]] == ["1栋2单元1号梯"]


def test_what_is_wrong_is_told_in_one_line(estate: str, tmp_path: Path) -> None:
    out = tmp_path / "posters.zip"
    unknown = called("--estate", "E9", "--out", str(out))
    assert (unknown.exit_code, unknown.stderr) == (2, "没有编号为 E9 的小区，请核对编号。\n")
    nothing = called("--estate", estate, "--out", str(out), "--kind", "lobby_notice")
    assert nothing.exit_code == 2
    assert nothing.stderr.startswith("该小区没有可印的内容")
    out.write_bytes(b"mine")
    taken = called("--estate", estate, "--out", str(out))
    assert taken.exit_code == 2
    assert "已存在" in taken.stderr
    assert out.read_bytes() == b"mine"
