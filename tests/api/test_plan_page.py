"""The page behind the link that the chat bot gives for a plan."""

from uuid import uuid4

from flask.testing import FlaskClient

from backend.services.purchase import plans
from tests.build.looking import case
from tests.build.village import Village


def test_a_plans_page_shows_the_whole_plan_without_login(
    client: FlaskClient, village: Village
) -> None:
    purchase = village.planned()
    answer = client.get(f"/p/{purchase.plan_id}")
    assert answer.status_code == 200
    for words in ("2,600元", "示例保险", "2025年4月1日", "30分钟到场", *village.codes):
        assert words in answer.text
    assert "<script" not in answer.text


def test_a_changed_plan_says_what_it_changes_and_names_buildings_and_lifts(
    client: FlaskClient, village: Village
) -> None:
    purchase = village.planned()
    first = client.get(f"/p/{purchase.plan_id}").text
    assert "示例小区 1栋 · 2台" in first
    assert "1栋1单元1号梯" in first
    assert "改了什么" not in first
    terms = village.terms(premium_fen=120_000)
    plans.revise_plan(village.ctx, village.actor("insurer"), purchase.id, terms, "降低保费")
    second = client.get(f"/p/{case(village, purchase).plan_id}").text
    assert "原来：2,600元<br>改为：2,400元" in second
    assert "改为：1栋1单元1号梯（1,200元）、1栋2单元1号梯（1,200元）" in second


def test_an_unknown_plan_gets_a_calm_page(client: FlaskClient) -> None:
    answer = client.get(f"/p/{uuid4()}")
    assert answer.status_code == 404
    assert "没有找到这份方案" in answer.text
