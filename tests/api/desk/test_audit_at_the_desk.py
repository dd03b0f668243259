"""审计: auditors read everything to the fen, draw again what they drew, and write nothing."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, text

from backend.config import Settings
from backend.domain.local_time import local_date
from backend.services.base import checkpoints
from backend.services.base.context import Context
from backend.services.reads.cases import read_case
from backend.store.audit import AuditEntry
from backend.store.ledger import Account
from backend.store.queries import audits
from backend.store.signer import Signer
from tests.build.counting import Counter
from tests.build.many_cases import copy_case
from tests.build.office import Office, Page
from tests.build.village import Village

At = Callable[[str], Office]
PAGES = ("", "/chain", "/sample?seed=7&number=5", "/sample/workbook?seed=7", "/looks")
MOST_STATEMENTS = 12


def drawn(office: Office, address: str) -> list[str]:
    return [words for words in office.open(address).words if words.startswith("SQ-")]


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        ("auditor", [200, 200, 200, 200, 200]),
        ("supervisor", [200, 200, 200, 200, 403]),
        ("clerk", [403] * 5),
        ("cashier", [403] * 5),
        ("manager", [404] * 5),
        ("insurer", [404] * 5),
    ],
)
def test_auditors_and_supervisors_read_and_looks_are_for_auditors_alone(
    at_desk: At, village: Village, ctx: Context, who: str, statuses: list[int]
) -> None:
    village.drafted()
    office = at_desk(who)
    found = [office.browser.get(f"/desk/audit{page}").status_code for page in PAGES]
    assert found == statuses
    with ctx.sessions() as tx:
        number = tx.get_one(Account, village.pool).number
    account = f"/desk/audit/account?number={number}"
    assert office.browser.get(account).status_code == statuses[0]
    assert ("审计" in office.open("/desk/").links) == (statuses[0] == 200)


def test_no_page_of_the_section_has_a_form_that_writes_and_none_leaves_a_link(
    at_desk: At, village: Village, ctx: Context
) -> None:
    village.insured()
    auditor = at_desk("auditor")
    with ctx.sessions() as tx:
        before = tx.scalar(select(func.count()).select_from(AuditEntry))
        number = tx.get_one(Account, village.pool).number
    for page in (*PAGES, f"/account?number={number}"):
        if "workbook" not in page:
            with Counter(ctx) as counter:
                found = auditor.open(f"/desk/audit{page}")
            assert [form.action for form in found.forms if form.method == "post"] == [
                "/desk/sign-out"
            ]
            assert counter.queries <= MOST_STATEMENTS, page
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_the_checkpoint_of_each_day_is_shown_as_the_line_to_keep(
    at_desk: At, village: Village, ctx: Context
) -> None:
    signer = Signer(Settings().signing_key())
    assert "还没有检查点" in at_desk("auditor").open("/desk/audit").text
    village.drafted()
    lines = []
    for _ in range(2):
        checkpoints.sign_day(ctx, signer)
        with ctx.sessions() as tx:
            lines.append(next(checkpoints.latest(tx, local_date(ctx.clock()))).line)
        village.clock.advance(days=1)
    for who in ("auditor", "supervisor"):
        words = at_desk(who).open("/desk/audit").text
        assert -1 < words.find(lines[1]) < words.find(lines[0])


def test_a_seed_draws_the_same_cases_again_and_another_one_others(
    at_desk: At, village: Village, ctx: Context
) -> None:
    copy_case(ctx, village.drafted().id, 60)
    auditor = at_desk("auditor")
    first = drawn(auditor, "/desk/audit/sample?seed=7&number=10")
    assert len(first) == len(set(first)) == 10
    assert drawn(auditor, "/desk/audit/sample?seed=7&number=10") == first
    assert drawn(auditor, "/desk/audit/sample?seed=7&number=20")[:10] == first
    assert drawn(auditor, "/desk/audit/sample?seed=8&number=10") != first
    assert drawn(auditor, "/desk/audit/sample?seed=7&begun_in=2019") == []
    assert len(drawn(auditor, "/desk/audit/sample?number=x&seed=")) == 20
    sheet = auditor.browser.get("/desk/audit/sample/workbook?seed=7&number=10")
    rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == first


def test_one_account_adds_up_to_the_fen(at_desk: At, village: Village, ctx: Context) -> None:
    village.insured()
    auditor = at_desk("auditor")
    with ctx.sessions() as tx:
        account = tx.get_one(Account, village.pool)
        number, balance = account.number, account.balance_fen
    page = auditor.open(f"/desk/audit/account?number={number.lower()}")
    assert "与账户余额一致" in page.words
    sheet = auditor.browser.get(f"/desk/audit/account/workbook?number={number}")
    rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))[1:]
    moved = [Decimal(str(row[3])) for row in rows]
    assert len(moved) > 1
    assert sum(moved) * 100 == balance
    assert rows[-1][4] == pytest.approx(balance / 100)
    year = village.clock().year
    earlier = auditor.open(f"/desk/audit/account?number={number}&year={year - 1}")
    assert "这一年没有分录。" in earlier.words
    later = auditor.open(f"/desk/audit/account?number={number}&year={year + 1}")
    assert "这一年没有分录。" in later.words
    assert auditor.open("/desk/audit/account?number=none").status == 404


def test_money_that_is_set_aside_is_named_with_its_case(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase, _ = village.posted()
    with ctx.sessions() as tx:
        number = tx.get_one(Account, village.pool).number
    page = at_desk("auditor").open(f"/desk/audit/account?number={number}")
    assert purchase.number in page.links


def test_who_looked_at_objections_is_listed_without_a_word_of_them(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase, notice = village.posted()
    village.person("owner0").objects(notice, "price", "这是异议人的原话")
    read_case(ctx, village.actor("clerk"), purchase.id)
    page: Page = at_desk("auditor").open("/desk/audit/looks")
    assert "案件的异议原文" in page.words
    assert "共1条" in page.text
    assert purchase.number in page.links
    assert "这是异议人的原话" not in page.text


def test_the_chain_is_checked_from_its_first_link(
    at_desk: At, village: Village, ctx: Context
) -> None:
    village.drafted()
    auditor = at_desk("auditor")
    assert "完整" in auditor.open("/desk/audit/chain").words


def test_looks_are_found_by_an_index_that_names_every_kind_of_them(ctx: Context) -> None:
    with ctx.sessions() as tx:
        index = tx.scalar(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_audit_entry_looks'")
        )
    for action in audits.LOOKS:
        assert f"'{action}'" in index
