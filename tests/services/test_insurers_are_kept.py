"""保险机构: entered by their keepers, paid at an account of two officers, selected for a term."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.domain.deadlines import DeadlineState
from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.domain.selection import TermStatus
from backend.services.base.context import Actor
from backend.services.purchase import payees
from backend.services.reads import insurer_pages
from backend.services.registry import insurers
from backend.store.audit import AuditEntry
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.registry import Insurer
from tests.build.insurers import add_insurer
from tests.build.looking import also, codes
from tests.build.village import Village
from tests.build.workbooks import (
    balances_rows,
    bring_balances,
    bring_registry,
    lines,
    registry_rows,
)

BASIS = "示例公告〔2025〕3号"


def test_an_insurer_is_entered_once_and_selected_when_it_has_an_account_of_two_officers(
    village: Village,
) -> None:
    ctx, clerk, today = village.ctx, village.actor("clerk"), local_date(village.clock())
    new = insurers.add(ctx, clerk, "示例相互保险社", None)
    with pytest.raises(Refused, match="insurer_known"):
        insurers.add(ctx, clerk, " 示例相互保险社 ", None)
    with pytest.raises(Refused) as refused:
        insurers.select(ctx, clerk, new, today, None, BASIS)
    assert codes(refused) == ["payee_account_missing"]
    letter = village.upload("clerk")
    change = payees.enter(ctx, clerk, new, "示例银行", "622-7", letter, "首次登记")
    payees.confirm(ctx, village.actor("reviewer"), change.id)
    with pytest.raises(Refused, match="second_factor_needed"):
        insurers.select(ctx, Actor(clerk.person_id), new, today, today, BASIS)
    insurers.select(ctx, clerk, new, today, today, BASIS)
    view = insurer_pages.read_insurer(ctx, village.actor("auditor"), new)
    assert (view.line.status, view.line.bank_account) == (TermStatus.ENDING, "622-7")
    [account] = view.accounts
    assert account.confirmed
    assert account.decided_by is not None
    assert not view.keeps


def test_a_selection_ends_early_with_a_basis_and_no_workbook_takes_that_back(
    village: Village,
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    last = local_date(village.clock()) - timedelta(days=1)
    insurers.end_selection(ctx, clerk, village.insurer, last, BASIS)
    with ctx.sessions() as tx:
        insurer = tx.get_one(Insurer, village.insurer)
        assert not insurer.selected(local_date(village.clock()))
        told = tx.scalars(select(Outbox.data).where(Outbox.natural_key.startswith("selection/")))
        assert [data["count"] for data in told] == ["入选提前结束"]
        name, bank, account = insurer.name, insurer.bank_name, insurer.bank_account
        links = tx.scalars(select(AuditEntry.action).where(AuditEntry.action.like("insurer.%")))
        assert links.all() == ["insurer.end_selection"]
    with pytest.raises(Refused, match="selection_not_running"):
        insurers.end_selection(ctx, clerk, village.insurer, last, BASIS)
    bring_registry(village.ctx, registry_rows())
    rows = balances_rows()
    rows["保险机构"] = [[name, "", bank, account, "2024-12-01", "2026-11-30", BASIS]]
    assert any("提前" in line for line in lines(bring_balances(village.ctx, rows)))
    insurers.select(ctx, clerk, village.insurer, last, None, BASIS)
    assert insurer_pages.read_insurer(ctx, clerk, village.insurer).line.ended_because is None


def test_filed_clauses_are_entered_once_and_taken_out_of_use_once(village: Village) -> None:
    ctx, clerk, today = village.ctx, village.actor("clerk"), local_date(village.clock())
    paper = {
        "name": "电梯维修条款",
        "number": " 备-2024-1 ",
        "file_sha256": village.upload("clerk"),
    }
    with pytest.raises(Refused, match="day_in_future"):
        insurers.add_clause(ctx, clerk, village.insurer, filed_on=date(2030, 1, 1), **paper)
    insurers.add_clause(ctx, clerk, village.insurer, filed_on=today, **paper)
    with pytest.raises(Refused, match="clause_known"):
        insurers.add_clause(ctx, clerk, village.insurer, filed_on=today, **paper)
    [clause] = insurer_pages.read_insurer(ctx, clerk, village.insurer).clauses
    assert insurer_pages.whole_insurers(ctx, clerk, "", None)[0].clauses == 1
    insurers.end_clause(ctx, clerk, clause.id, "换用新条款")
    with pytest.raises(Refused, match="clause_ended"):
        insurers.end_clause(ctx, clerk, clause.id, "换用新条款")
    with pytest.raises(Refused, match="not_found"):
        insurers.end_clause(ctx, clerk, village.insurer, "换用新条款")
    assert insurer_pages.whole_insurers(ctx, clerk, "", None)[0].clauses == 0


def test_limits_that_an_insurer_kept_and_did_not_are_counted(village: Village) -> None:
    village.paid()
    ctx, clerk = village.ctx, village.actor("clerk")

    def counted() -> tuple[int, int]:
        [line] = insurer_pages.whole_insurers(ctx, clerk, "", None)
        return line.kept, line.late

    assert counted() == (1, 0), "the plan was in time"
    village.clock.set(village.clock() + timedelta(days=40))
    assert counted() == (1, 1), "the policy is late"
    with ctx.sessions() as tx:
        late = DeadlineRecord.kind == "policy", DeadlineRecord.state == DeadlineState.OPEN
        limit = tx.scalars(select(DeadlineRecord).where(*late)).one()
        limit.state, limit.settled_at = DeadlineState.MET, village.clock()
        tx.commit()
    assert counted() == (1, 1), "it came late"


def test_the_list_is_narrowed_by_how_the_selection_stands(village: Village) -> None:
    ctx, clerk, today = village.ctx, village.actor("clerk"), local_date(village.clock())
    add_insurer(village, until=today)
    insurers.add(ctx, clerk, "还没有入选的", None)
    stands = {
        which: [line.status for line in insurer_pages.whole_insurers(ctx, clerk, "", which)]
        for which in TermStatus
    }
    assert stands == {
        TermStatus.RUNNING: [TermStatus.RUNNING],
        TermStatus.ENDING: [TermStatus.ENDING],
        TermStatus.COMING: [],
        TermStatus.OVER: [],
        TermStatus.NEVER: [TermStatus.NEVER],
    }
    found = insurer_pages.page_of_insurers(ctx, clerk, "另一", None, 7)
    assert ([line.name for line in found.rows], found.page) == (["另一保险"], 1)


def test_nobody_without_an_office_reads_it_and_nobody_of_the_insurer_enters_it(
    village: Village,
) -> None:
    ctx, today = village.ctx, local_date(village.clock())
    for name in ("insurer", "manager", "owner0"):
        with pytest.raises(Refused, match="not_found"):
            insurer_pages.read_insurer(ctx, village.actor(name), village.insurer)
    for name in ("cashier", "supervisor", "auditor"):
        with pytest.raises(Refused, match="role_required"):
            insurers.add(ctx, village.actor(name), "示例", None)
    also(village, "insurer", "clerk")
    with pytest.raises(Refused, match="officer_is_party"):
        insurers.select(ctx, village.actor("insurer"), village.insurer, today, None, BASIS)
    view = insurer_pages.read_insurer(ctx, village.actor("insurer"), village.insurer)
    assert not view.keeps
    assert not view.changes_account
