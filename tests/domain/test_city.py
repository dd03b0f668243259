import re
from importlib.resources import files

import pytest

from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city, sourced_values
from backend.domain.errors import Refused
from backend.domain.routes.catalogue import table_of
from backend.domain.routes.posting import public_notice
from backend.domain.states import State
from backend.domain.table import Table
from backend.domain.typed_table import Sourced
from backend.store.city_files import city_codes, load_city

JISHOU, SHAOGUAN = (
    files("backend.cities").joinpath(f"{code}.toml").read_text("utf-8")
    for code in ("jishou", "shaoguan")
)


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(BadCity) as caught:
        parse_city(text)
    return caught.value.problems


def test_both_cities_load_and_every_value_has_a_source() -> None:
    assert city_codes() == ["jishou", "shaoguan"]
    for code in city_codes():
        profile = load_city(code)
        values = dict(sourced_values(profile))
        assert len(values) > 40
        assert all(value.source for value in values.values())
        assert values["roll_weekends"].is_default


def test_a_plans_own_word_and_a_silent_plan_can_be_told_apart() -> None:
    jishou, shaoguan = load_city("jishou"), load_city("shaoguan")
    assert jishou.limits["public_notice_period"].days == Sourced(7, "附件二（一）4")
    assert not jishou.limits["public_notice_period"].days.is_default
    borrowed = shaoguan.limits["public_notice_period"].days
    assert borrowed == Sourced(7, "borrowed from 吉首市")
    assert borrowed.is_default
    assert "未写明" in borrowed.source_text
    assert jishou.limits["approval"].days.source_text == "本市方案未写明，系统默认"


def test_the_plans_rules_are_in_the_profiles() -> None:
    jishou, shaoguan = load_city("jishou"), load_city("shaoguan")
    assert set(jishou.routes) == {"R1", "R2", "R3", "R4"}
    assert set(shaoguan.routes) == {"SG"}
    assert jishou.applicants.minimum_cosigners.value == 3
    assert "eligible_applicant" not in jishou.routes["R3"].gates.value
    assert [r for r, route in jishou.routes.items() if "covers_one_year" in route.gates.value] == [
        "R1"
    ]
    assert jishou.routes["R2"].vote == Sourced(True, "default")
    assert jishou.routes["R2"].warning
    assert shaoguan.income.account_holders.value == ("city",)
    assert jishou.centre.phone.value == "0743-8532500"


def test_an_unknown_city_is_refused() -> None:
    for code in ("nowhere", "../jishou", "", "jishou.toml"):
        with pytest.raises(Refused, match="city_unknown"):
            load_city(code)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('name = "吉首市"', 'nmae = "吉首市"', "nmae"),
        ('name = "吉首市"', 'nmae = "吉首市"', "name"),
        ("minimum_cosigners = { value = 3,", "minimum_cosigners = { value = 0,",
         "applicants.minimum_cosigners.value"),
        ("minimum_cosigners = { value = 3,", "minimum_cosigners = { value = true,",
         "applicants.minimum_cosigners.value"),
        ('channels = { value = ["mini_program"', 'channels = { value = ["telegram"',
         "objection.channels.value[0]"),
        ('value = 360, source = "default"', "value = 360", "income.day_count_basis.source"),
        ('value = 360, source = "default"', 'value = 360, source = " "',
         "income.day_count_basis.source"),
        ('value = 360, source = "default"', 'value = 360, source = "default", note = "x"',
         "income.day_count_basis.note"),
        ('value = 360, source = "default"', 'value = 366, source = "default"',
         "income.day_count_basis.value"),
        ('rate = "0.0035"', "rate = 0.0035", "income.benchmarks[0].rate"),
        ("issued_on = 2024-01-19", 'issued_on = "2024-01-19"', "plan.issued_on"),
        ("value = 09:00:00", 'value = "9点"', "reminders.at.value"),
        ("value = [3, 1, 0]", "value = [3, 3, 0]", "reminders.days_before.value"),
        ("value = [3, 1, 0]", "value = [3, -1]", "reminders.days_before.value[1]"),
        ("[routes.R4]", "[routes.R5]", "routes.R5"),
        ('"managed_and_upkept", "insurer_conditions"]', '"managed", "insurer_conditions"]',
         "routes.R1.gates.value"),
        ('mode = { value = "pooled"', 'mode = { value = "household"', "routes.R1.account.value"),
        ("payment = { name", "payout = { name", "limits.payout"),
        ("payment = { name", "policy_ = { name", "limits.policy_"),
        ('value = "09-20"', 'value = "02-30"', "local_holiday.first_day.value"),
        ("days_off = [2018-09-20", "days_off = [2017-09-20", "local_holiday.notices[0]"),
        ("workdays = [2024-09-22]", "workdays = [2024-09-20]", "local_holiday.notices[1]"),
        ('code = "jishou"', 'code = "jishou"\nversion = "1"', "version"),
        ("premium_high_fen = { value = 350000", "premium_high_fen = { value = 120000",
         "market.premium_high_fen.value"),
        ('true, source = "附件二（二）4"', 'false, source = "附件二（二）4"',
         "routes.R2.payment_papers.value"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named(old: str, new: str, where: str) -> None:
    assert old in JISHOU
    found = problems(JISHOU.replace(old, new))
    assert where in {line.partition("：")[0] for line in found}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = JISHOU.replace("value = 360", 'value = "x"').replace("value = 2500", "value = 0")
    found = problems(text.replace("[centre]", "[center]"))
    assert {line.partition("：")[0] for line in found} == {
        "income.day_count_basis.value",
        "objection.max_characters.value",
        "centre",
        "center",
    }


def test_a_missing_limit_is_named() -> None:
    lines = [line for line in JISHOU.splitlines() if not line.startswith("policy = ")]
    assert problems("\n".join(lines)) == ("limits.policy：缺少这个期限",)


def test_a_limit_that_no_procedure_starts_is_named() -> None:
    made_up = JISHOU.replace("policy = { name", "balot = { name")
    assert problems(made_up) == (
        "limits.policy：缺少这个期限",
        "limits.balot：没有哪条路线用到这个期限",
    )


def test_a_city_names_only_the_limits_of_its_own_routes() -> None:
    lines = SHAOGUAN.splitlines()
    without = "\n".join(line for line in lines if not line.startswith(("policy = ", "posting = ")))
    missing = ("limits.policy：缺少这个期限", "limits.posting：缺少这个期限")
    assert problems(without) == missing
    nobody_walks = parse_city(without.replace("[routes.SG]", "[routes.R2]"))
    assert "policy" not in nobody_walks.limits


def test_a_route_without_a_notice_answers_no_objections() -> None:
    jishou = load_city("jishou")
    table = table_of("R1", jishou)
    notice = public_notice(jishou.routes["R1"], after=State.APPROVED)
    unposted = Table(tuple(row for row in table.rows if row not in notice))
    assert {"public_notice_period", "objection_answer"} <= table.limits
    assert not {"public_notice_period", "objection_answer"} & unposted.limits


def test_a_city_without_a_route_is_of_no_use() -> None:
    sections = re.split(r"^(?=\[)", JISHOU, flags=re.MULTILINE)
    text = "".join(each for each in sections if not each.startswith("[routes."))
    assert problems(text + "\n[routes]\n") == ("routes：至少要有一条路线",)


def test_text_that_is_not_toml_is_a_bad_city() -> None:
    assert "TOML" in problems("code = ")[0]
    assert problems("")  # an empty file lacks everything


def test_the_version_follows_the_content_and_not_its_looks() -> None:
    profile = parse_city(JISHOU)
    assert parse_city("# 说明\n" + JISHOU + "\n\n").version == profile.version
    assert parse_city(JISHOU.replace("value = 360", "value = 365")).version != profile.version
    assert parse_city(profile.text) == profile
