"""An officer's file of a year's days off: read as TOML and JSON, wrong keys named."""

import json
from datetime import date

import pytest

from backend.domain.errors import Refused
from backend.domain.holiday_file import parse_holiday_year
from backend.store.holidays import official_years

GOOD = """
year = 2027
source = "国务院办公厅关于2027年部分节假日安排的通知"
[days_off]
"2027-01-01" = "元旦"
"2027-02-05" = "春节"
"2027-02-06" = "春节"
"2027-02-07" = "春节"
"2027-02-08" = "春节"
"2027-04-05" = "清明节"
"2027-05-01" = "劳动节"
"2027-05-02" = "劳动节"
"2027-06-09" = "端午节"
"2027-09-15" = "中秋节"
"2027-10-01" = "国庆节"
"2027-10-02" = "国庆节"
"2027-10-03" = "国庆节"
[workdays]
"2027-02-20" = "春节调休"
"""


def test_an_officers_file_is_read_as_toml_and_as_json() -> None:
    year = parse_holiday_year(GOOD)
    assert year.days_off[date(2027, 2, 5)] == "春节"
    assert year.workdays == {date(2027, 2, 20): "春节调休"}
    assert parse_holiday_year(json.dumps(year.as_json())) == year


def test_every_official_year_survives_the_file_format() -> None:
    for year in official_years():
        assert parse_holiday_year(json.dumps(year.as_json(), ensure_ascii=False)) == year


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("year = 2027", "year = 1999"), "year"),
        (("year = 2027", 'year = "2027"'), "year"),
        (("source", "sourse"), "sourse"),
        (('"2027-01-01" = "元旦"', '"2027-13-01" = "元旦"'), "days_off.2027-13-01"),
        (('"2027-01-01" = "元旦"', '"2026-01-01" = "元旦"'), "days_off.2026-01-01"),
        (('"2027-01-01" = "元旦"', '"2027-01-01" = ""'), "days_off.2027-01-01"),
        (('"2027-06-09" = "端午节"', ""), "days_off"),
        (('"2027-01-01" = "元旦"', '"元旦" = "元旦"'), "days_off.元旦"),
        (("[days_off]", "[holidays]"), "days_off"),
        (('source = "国务院', 'source = " "\n# "国务院'), "source"),
        (('"2027-02-20"', '"2027-02-19"'), "workdays.2027-02-19"),
        (('"2027-02-20"', '"2027-02-06"'), "workdays.2027-02-06"),
        (("year = 2027", 'year = 2027\nscope = "city"'), "scope"),
    ],
)
def test_a_wrong_officers_file_names_the_wrong_key(change: tuple[str, str], field: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_holiday_year(GOOD.replace(*change))
    assert field in {refusal.field for refusal in caught.value.refusals}
    assert {refusal.code for refusal in caught.value.refusals} == {"holiday_file_invalid"}


def test_days_that_are_no_table_are_named() -> None:
    text = 'year = 2027\nscope = "local"\nsource = "通知"\ndays_off = ["2027-01-01"]'
    with pytest.raises(Refused) as caught:
        parse_holiday_year(text)
    assert [refusal.field for refusal in caught.value.refusals] == ["days_off"]


@pytest.mark.parametrize("text", ["{", "year = ", "[]", '{"year": 1, "year": 2}', "[" * 100_000])
def test_an_unreadable_officers_file_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_holiday_year(text)


def test_a_local_notice_may_be_short() -> None:
    text = 'year = 2026\nscope = "local"\nsource = "通知"\n[days_off]\n"2026-09-21" = "州庆"'
    assert parse_holiday_year(text).scope == "local"
