"""A case goes on by the rules it began with, in whatever words they were written then."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from backend.domain.actions import Action
from backend.domain.city.bad_city import BadCity
from backend.domain.city.kept import parse_kept
from backend.domain.city.parse import parse_city, sourced_values, version_of
from backend.domain.routes.catalogue import table_of
from backend.domain.routes.lapsing import STAYS

OLD_TEXT = (Path(__file__).parents[1] / "data" / "jishou_0015.toml").read_text("utf-8")

WITHOUT_WHICH_NOTHING_LAPSES = {stay for stay, _ in STAYS.values()}


def test_a_text_with_old_names_is_read_with_every_value_that_a_rule_reads() -> None:
    kept = parse_kept(OLD_TEXT)
    assert kept.text == OLD_TEXT
    assert kept.limits["public_notice_period"].days.value == 7
    assert kept.routes["R1"].public_notice.value
    assert kept.routes["R1"].payment_papers.value[-1] == "public_notice_images"
    assert kept.approval.asked_for.value == ("committee", "property_company")


def test_only_names_changed_between_the_text_of_then_and_the_file_of_today() -> None:
    text = files("backend.cities").joinpath("jishou.toml").read_text("utf-8")
    today = dict(sourced_values(parse_city(text)))
    mine = tuple(f"limits.{stay}." for stay in WITHOUT_WHICH_NOTHING_LAPSES)
    since = (*mine, "public_notice.end_photo_days", "pilot_targets.")
    new = {name for name in today if name.startswith(since)}
    assert len(new) == 17
    assert dict(sourced_values(parse_kept(OLD_TEXT))) == {
        name: value for name, value in today.items() if name not in new
    }


def test_a_case_that_began_before_there_were_such_limits_never_lapses() -> None:
    table = table_of("R1", parse_kept(OLD_TEXT))
    assert not table.stays
    assert Action.LAPSE not in {step.action for step in table.steps}


def test_its_version_is_the_one_that_the_case_names() -> None:
    assert parse_kept(OLD_TEXT).version == version_of(tomllib.loads(OLD_TEXT))


def test_what_no_rule_reads_any_more_is_left_out() -> None:
    text = 'forgotten = 1\n[limits.dreaming]\nname = "梦"\n'
    inside = OLD_TEXT.replace(
        "[objection]\n", '[objection]\nmood = { value = "x", source = "y" }\n'
    )
    with pytest.raises(BadCity):
        parse_city(f"{text.splitlines()[0]}\n{inside}")
    kept = parse_kept(f"{text.splitlines()[0]}\n{inside}\n{text.partition(chr(10))[2]}")
    assert list(sourced_values(kept)) == list(sourced_values(parse_kept(OLD_TEXT)))


def test_a_text_of_today_is_read_as_it_is() -> None:
    text = files("backend.cities").joinpath("shaoguan.toml").read_text("utf-8")
    assert parse_kept(text) == parse_city(text)
