import json

import pytest
from click.testing import CliRunner, Result

from backend.commands.explain import explain

DEADLINE = [
    "deadline",
    "--city",
    "jishou",
    "--kind",
    "public_notice_period",
    "--from",
    "2025-01-20",
]
WEIGHTS = ["A=408000.00*183", "B=382500.00*183", "C=612000.50*100"]


def run(*words: str) -> Result:
    return CliRunner().invoke(explain, words)


def split_words(total: str, *weights: str) -> list[str]:
    return [
        "split",
        "--total",
        total,
        *(word for weight in weights for word in ("--weight", weight)),
    ]


def test_a_deadline_is_explained_as_one_json_document() -> None:
    result = run(*DEADLINE, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    values = json.loads(result.stdout)
    assert list(values) == ["ends_on", "ends_before", "provisional", "explanation"]
    assert values["ends_on"] == "2025-01-27"
    assert values["ends_before"] == "2025-01-28T00:00:00+08:00"
    assert values["provisional"] is False
    articles = [reason["article"] for reason in values["explanation"]]
    assert "《民法典》第二百零一条第一款" in articles


def test_a_provisional_deadline_says_so_to_people() -> None:
    result = run("deadline", "--city", "shaoguan", "--kind", "payment", "--from", "2027-09-24")
    assert result.exit_code == 0
    assert "暂定" in result.stdout
    assert "国庆节" in result.stdout


def test_a_split_is_explained_in_the_order_given() -> None:
    result = run(*split_words("7907.40", *WEIGHTS), "--json")
    assert json.loads(result.stdout) == {
        "total_fen": 790740,
        "parts": [
            {"name": "A", "fen": 286794},
            {"name": "B", "fen": 268869},
            {"name": "C", "fen": 235077},
        ],
    }
    backwards = json.loads(run(*split_words("7907.40", *WEIGHTS[::-1]), "--json").stdout)
    assert [part["name"] for part in backwards["parts"]] == ["C", "B", "A"]


def test_ties_go_to_the_name_that_sorts_first() -> None:
    parts = json.loads(run(*split_words("1", "B=1", "A=1", "C=1"), "--json").stdout)["parts"]
    assert parts == [{"name": "B", "fen": 33}, {"name": "A", "fen": 34}, {"name": "C", "fen": 33}]


def test_a_split_for_people_shows_yuan() -> None:
    assert "2,867.94元" in run(*split_words("7907.40", *WEIGHTS)).stdout


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["bogus"],
        ["--bogus"],
        ["deadline"],
        [*DEADLINE, "extra"],
        [*DEADLINE, "--bogus"],
        ["deadline", "--city", "nowhere", "--kind", "public_notice_period", "--from", "2025-01-20"],
        [
            "deadline",
            "--city",
            "../jishou",
            "--kind",
            "public_notice_period",
            "--from",
            "2025-01-20",
        ],
        ["deadline", "--city", "jishou", "--kind", "lunch", "--from", "2025-01-20"],
        ["deadline", "--city", "jishou", "--kind", "public_notice_period", "--from", "2025-02-30"],
        ["deadline", "--city", "jishou", "--kind", "public_notice_period", "--from", "20250120"],
        ["deadline", "--city", "jishou", "--kind", "public_notice_period", "--from", "1999-01-20"],
        ["deadline", "--city", "jishou", "--kind", "public_notice_period", "--from", "9999-12-31"],
        [
            "deadline",
            "--city",
            "jishou",
            "--kind",
            "public_notice_period",
            "--from",
            "２０２５-01-20",
        ],
        ["split", "--total", "1"],
        ["split", "--weight", "A=1"],
        split_words("1.234", "A=1"),
        split_words("-1", "A=1"),
        split_words("NaN", "A=1"),
        split_words("1", "A=1", "A=2"),
        split_words("1", "A=0", "B=0.00"),
        split_words("1", "A"),
        split_words("1", "=1"),
        split_words("1", "A="),
        split_words("1", "A=1*"),
        split_words("1", "A=-1"),
        split_words("1", "A=1e9"),
        split_words("1", "A=１"),
        split_words("1", "A=" + "9" * 5000),
        split_words("1", "A=" + "*".join(["2"] * 5000)),
    ],
)
def test_bad_arguments_end_with_two_and_one_line(words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 200
