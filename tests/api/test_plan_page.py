"""The page behind the link that the chat bot gives for a plan."""

from uuid import uuid4

from flask.testing import FlaskClient

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


def test_an_unknown_plan_gets_a_calm_page(client: FlaskClient) -> None:
    answer = client.get(f"/p/{uuid4()}")
    assert answer.status_code == 404
    assert "没有找到这份方案" in answer.text
