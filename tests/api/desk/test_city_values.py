"""城市参数 at the desk: each value with its source, read and never changed."""

from collections.abc import Callable

from backend.domain.city.parse import sourced_values
from backend.services.base.context import Context
from tests.build.counting import Counter
from tests.build.office import Office

At = Callable[[str], Office]
HERE = "/desk/city"


def test_an_officer_reads_every_value_and_its_source(at_desk: At, ctx: Context) -> None:
    office = at_desk("auditor")
    assert office.open("/desk/").links["城市参数"] == HERE
    with Counter(ctx) as statements:
        page = office.open(HERE)
    assert statements.queries <= 12
    for key, _ in sourced_values(ctx.city):
        assert key in page.words, key
    assert "附件二（一）7" in page.text
    assert "现行" in page.text
    narrowed = office.open(f"{HERE}?source=default&words=limits.payment.")
    assert "没有符合条件的参数" in narrowed.text
    assert "limits.policy.days" in office.open(f"{HERE}?source=default").text
    assert [form.method for form in page.forms] == ["get", "post", "get"]
    assert office.browser.get(f"{HERE}/workbook").data.startswith(b"PK")


def test_it_is_for_officers(at_desk: At) -> None:
    manager = at_desk("manager")
    assert "城市参数" not in manager.open("/desk/").links
    assert manager.open(HERE).status == 404
