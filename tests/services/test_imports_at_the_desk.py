"""导入: a workbook is checked, shown as it looked, and written once by a second word."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select, text

from backend.clock import system_clock
from backend.domain.errors import Refused
from backend.domain.imports import ImportKind, ImportState
from backend.services.base.context import Actor
from backend.services.people import lockouts
from backend.services.workbooks import import_work, imports, old_imports, waiting
from backend.services.workbooks.balances_sheets import BALANCES_SHEETS
from backend.services.workbooks.import_work import Compared
from backend.services.workbooks.looked import HIDDEN
from backend.services.workbooks.templates import write_workbook
from backend.store.audit import AuditEntry
from backend.store.imports import WorkbookImport
from backend.store.people import AccessGrant, Person
from backend.store.registry import Household
from tests.build.looking import codes
from tests.build.village import Village
from tests.build.workbooks import PAPER, balances_rows, registry_file, registry_rows


def hand_in(
    village: Village,
    content: bytes,
    kind: ImportKind = ImportKind.REGISTRY,
    name: str = "clerk",
) -> WorkbookImport:
    compared = Compared(filed=True, mandate_paper=PAPER)
    actor = village.actor(name)
    found = imports.hand_in(village.ctx, actor, kind, "台账.xlsx", BytesIO(content), compared)
    with village.ctx.sessions() as tx:
        return tx.get_one(WorkbookImport, found.id)


def write(village: Village, record: WorkbookImport, name: str = "clerk") -> ImportState:
    """正式导入 by somebody who just looked at it."""
    actor = village.actor(name)
    preview = imports.read(village.ctx, actor, record.id).line.preview
    return imports.apply(village.ctx, actor, record.id, preview)


def homes(village: Village) -> int:
    with village.ctx.sessions() as tx:
        return tx.scalars(select(func.count()).select_from(Household)).one()


def test_a_workbook_is_checked_first_and_written_once_by_a_second_word(village: Village) -> None:
    ctx, clerk, before = village.ctx, village.actor("clerk"), homes(village)
    content = registry_file(registry_rows())
    record = hand_in(village, content)
    assert (record.problems, homes(village)) == (0, before)
    assert hand_in(village, content).id == record.id  # the same again is the same
    view = imports.read(ctx, clerk, record.id)
    assert view.may_apply
    assert view.line.changes > 0
    with pytest.raises(Refused, match="second_factor_needed"):
        # Nobody proved themselves.
        imports.apply(ctx, Actor(clerk.person_id), record.id, view.line.preview)
    for _ in range(2):
        assert write(village, record) is ImportState.APPLIED
        assert homes(village) == before + 3
    with ctx.sessions() as tx:
        who = select(AuditEntry.actor_id).where(AuditEntry.action == "registry.import")
        assert tx.scalars(who).all() == [clerk.person_id]
        kept = tx.execute(text("SELECT content_sealed, found_sealed FROM workbook_import")).one()
        assert tuple(kept) == (None, None)
    after = imports.read(ctx, clerk, record.id)
    assert (after.found, after.may_apply) == (None, False)
    assert after.line.record.state is ImportState.APPLIED
    [line] = imports.page_of(ctx, village.actor("auditor"), 1).rows
    assert line.counts["房屋"].added == 3


def test_the_same_workbook_twice_at_the_same_moment_is_one_import(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = registry_file(registry_rows())
    first = hand_in(village, content)
    looks: list[Any] = []
    session = village.ctx.sessions.class_

    class NotYet(session):  # type: ignore[misc, valid-type]
        """Finds no workbook that waits, at the first look."""

        def scalar(self, statement: Any, *rest: Any, **more: Any) -> Any:
            found = super().scalar(statement, *rest, **more)
            if not isinstance(found, WorkbookImport):
                return found
            looks.append(found)
            return None if len(looks) == 1 else found

    monkeypatch.setattr(village.ctx.sessions, "class_", NotYet)
    second = hand_in(village, content)
    assert (second.id, len(looks)) == (first.id, 2)


def test_every_fault_stands_at_its_cell_and_names_are_for_who_handed_it_in(
    village: Village,
) -> None:
    rows = registry_rows()
    rows["房屋业主"] += [
        ["1栋", "1单元", f"9{n:02}", "一百", f"张示{n}先生", ""] for n in range(99)
    ]
    record = hand_in(village, registry_file(rows))
    found = imports.read(village.ctx, village.actor("clerk"), record.id).found
    assert found is not None
    assert record.problems == len(list(found.problems())) == 198
    flats = next(sheet for sheet in found.sheets if sheet.name == "房屋业主")
    bad = {row.number: row for row in flats.rows if row.wrong}
    assert sorted(bad) == list(range(5, 104))
    assert set(bad[5].wrong) == {"D", "E"}
    assert bad[5].cells["D"] == "一百"
    assert bad[5].wrong["E"][0].message.startswith("“张示0先生”")
    theirs = imports.read(village.ctx, village.actor("auditor"), record.id)
    assert theirs.found is not None
    flats = next(sheet for sheet in theirs.found.sheets if sheet.name == "房屋业主")
    preview = next(row for row in flats.rows if row.number == 5)
    assert preview.cells["E"] == HIDDEN
    assert "张示" not in preview.wrong["E"][0].message
    assert not theirs.may_apply
    with pytest.raises(Refused) as refused:
        write(village, record)
    assert codes(refused) == ["import_has_problems"]


def test_balances_are_written_by_another_officer(village: Village) -> None:
    ctx = village.ctx
    registry = hand_in(village, registry_file(registry_rows()))
    assert write(village, registry) is ImportState.APPLIED
    content = write_workbook(BALANCES_SHEETS, balances_rows())
    record = hand_in(village, content, ImportKind.BALANCES, "cashier")
    own = imports.read(ctx, village.actor("cashier"), record.id)
    assert (own.may_apply, own.needs_another) == (False, True)
    with pytest.raises(Refused) as refused:
        write(village, record, "cashier")
    assert codes(refused) == ["own_import"]
    assert write(village, record, "reviewer") is ImportState.APPLIED


def test_what_changed_meanwhile_is_found_at_the_second_word_and_nothing_is_written(
    village: Village,
) -> None:
    ctx, rows = village.ctx, registry_rows()
    first = hand_in(village, registry_file(rows))
    rows["小区"][0][0] = "TEST-02"
    other = hand_in(village, registry_file(rows))
    assert (first.problems, other.problems) == (0, 0)
    clerk = village.actor("clerk")
    assert write(village, first) is ImportState.APPLIED
    before = homes(village)
    # Its lifts are in the first estate now.
    assert write(village, other) is ImportState.CHECKED
    view = imports.read(ctx, clerk, other.id)
    assert view.found is not None
    assert any("TEST000001" in each.message for each in view.found.problems())
    assert homes(village) == before


def test_what_would_change_something_else_than_was_seen_is_looked_at_again(
    village: Village,
) -> None:
    ctx, clerk, rows = village.ctx, village.actor("clerk"), registry_rows()
    assert write(village, hand_in(village, registry_file(rows))) is ImportState.APPLIED
    stale = hand_in(village, registry_file(rows) + b"\0")  # as things stood then
    preview = imports.read(ctx, clerk, stale.id).line.preview
    assert not imports.read(ctx, clerk, stale.id).line.changes
    rows["房屋业主"][0][3] = "98.76"
    assert write(village, hand_in(village, registry_file(rows))) is ImportState.APPLIED
    with ctx.sessions() as tx:
        areas = select(Household.area_dm2).order_by(Household.id)
        before = tx.scalars(areas).all()
    for _ in range(2):
        state = imports.apply(ctx, clerk, stale.id, preview)
        assert state is ImportState.CHECKED  # it would bring back what is over
        with ctx.sessions() as tx:
            assert tx.scalars(areas).all() == before
    now = imports.read(ctx, clerk, stale.id)
    assert (now.may_apply, now.line.changes > 0) == (True, True)
    assert write(village, stale) is ImportState.APPLIED


def test_whoever_writes_balances_sees_every_account_that_will_be_paid(village: Village) -> None:
    assert write(village, hand_in(village, registry_file(registry_rows()))) is ImportState.APPLIED
    rows = balances_rows()
    [first] = rows["保险机构"][:1]
    rows["保险机构"] += [
        [f"示例{n}财产保险公司", None, "示例银行", f"622200000000{n:04}", *first[4:]]
        for n in range(30)
    ]
    record = hand_in(village, write_workbook(BALANCES_SHEETS, rows), ImportKind.BALANCES, "cashier")
    view = imports.read(village.ctx, village.actor("reviewer"), record.id)
    assert view.may_apply
    assert view.found is not None
    shown = {
        text for sheet in view.found.sheets for row in sheet.rows for text in row.cells.values()
    }
    assert {row[3] for row in rows["保险机构"]} <= shown


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "旧版 .xls 或设有打开密码"),
        (b"PK\x03\x04 no archive", "不是可以读取的 .xlsx"),
    ],
)
def test_a_file_that_is_no_workbook_gets_one_sentence(
    village: Village, content: bytes, sentence: str
) -> None:
    record = hand_in(village, content)
    view = imports.read(village.ctx, village.actor("clerk"), record.id)
    assert view.found is not None
    [problem] = view.found.of_file
    assert sentence in problem.message


def test_nothing_and_too_much_are_refused_and_strangers_learn_nothing(village: Village) -> None:
    for content, code in ((b"", "upload_empty"), (b"x" * (20 * 2**20 + 1), "upload_too_large")):
        with pytest.raises(Refused) as refused:
            hand_in(village, content)
        assert codes(refused) == [code]
    for name, code in (("manager", "not_found"), ("supervisor", "role_required")):
        with pytest.raises(Refused) as refused:
            imports.page_of(village.ctx, village.actor(name), 1)
        assert codes(refused) == [code]
    with pytest.raises(Refused) as refused:
        hand_in(village, b"x", ImportKind.REGISTRY, "reviewer")
    assert codes(refused) == ["role_required"]
    assert imports.kinds_of(village.ctx, village.actor("cashier")) == [ImportKind.BALANCES]
    assert imports.blank(village.ctx, village.actor("clerk"), ImportKind.BALANCES)


def test_of_what_nobody_wrote_within_a_month_no_word_stays(village: Village) -> None:
    record = hand_in(village, registry_file(registry_rows()))
    village.clock.set(village.clock() + timedelta(days=31))
    old_imports.forget_old(village.ctx)
    clerk = village.actor("clerk")
    view = imports.read(village.ctx, clerk, record.id)
    assert (view.found, view.line.is_kept) == (None, False)
    with pytest.raises(Refused) as refused:
        write(village, record)
    assert codes(refused) == ["import_gone"]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every workbook is too large to be checked while its sender waits."""
    monkeypatch.setattr(imports, "MOST_AT_ONCE", 100)


def state_of(village: Village, record: WorkbookImport) -> ImportState:
    with village.ctx.sessions() as tx:
        return tx.get_one(WorkbookImport, record.id).state


@pytest.mark.usefixtures("large")
def test_a_large_workbook_is_checked_and_written_by_a_worker(village: Village) -> None:
    ctx, clerk, before = village.ctx, village.actor("clerk"), homes(village)
    content = registry_file(registry_rows())
    record = hand_in(village, content)
    assert record.state is ImportState.WAITS
    assert hand_in(village, content).id == record.id
    view = imports.read(ctx, clerk, record.id)
    assert (view.found, view.may_apply) == (None, False)
    assert write(village, record) is ImportState.WAITS  # not before it is checked
    assert waiting.due_ids(ctx) == [record.id]
    assert import_work.carry_on(ctx, record.id)
    assert waiting.due_ids(ctx) == []
    assert imports.read(ctx, clerk, record.id).may_apply
    assert write(village, record) is ImportState.ORDERED
    assert not imports.read(ctx, clerk, record.id).may_apply
    assert homes(village) == before
    assert waiting.is_due(ctx, record.id)
    assert import_work.carry_on(ctx, record.id)
    assert not import_work.carry_on(ctx, record.id)
    assert state_of(village, record) is ImportState.APPLIED
    assert homes(village) == before + 3
    assert write(village, record) is ImportState.APPLIED


@pytest.mark.usefixtures("large")
def test_balances_are_written_by_a_worker_for_another_officer_who_is_still_one(
    village: Village,
) -> None:
    ctx = village.ctx
    registry = hand_in(village, registry_file(registry_rows()))
    import_work.carry_on(ctx, registry.id)
    write(village, registry)
    import_work.carry_on(ctx, registry.id)
    record = hand_in(
        village, write_workbook(BALANCES_SHEETS, balances_rows()), ImportKind.BALANCES, "cashier"
    )
    import_work.carry_on(ctx, record.id)
    with pytest.raises(Refused) as refused:
        write(village, record, "cashier")
    assert codes(refused) == ["own_import"]
    reviewer = village.actor("reviewer")
    assert write(village, record, "reviewer") is ImportState.ORDERED
    with ctx.sessions() as tx:
        grant = select(AccessGrant).where(AccessGrant.person_id == reviewer.person_id)
        tx.scalars(grant).one().valid_until = ctx.clock()
        tx.commit()
    import_work.carry_on(ctx, record.id)
    view = imports.read(ctx, village.actor("auditor"), record.id)
    assert view.line.record.state is ImportState.CHECKED
    assert view.line.record.failure


@pytest.mark.usefixtures("large")
def test_a_worker_writes_nothing_for_somebody_who_is_kept_out_or_left(village: Village) -> None:
    ctx, clerk, before = village.ctx, village.actor("clerk"), homes(village)
    record = hand_in(village, registry_file(registry_rows()))
    import_work.carry_on(ctx, record.id)
    write(village, record)
    lockout = lockouts.lock_out(ctx, None, clerk.person_id, "示例：手机丢失")
    import_work.carry_on(ctx, record.id)
    assert state_of(village, record) is ImportState.CHECKED
    lockouts.let_in(ctx, None, lockout, "示例：手机找到了")
    write(village, record)
    with ctx.sessions() as tx:
        tx.get_one(Person, clerk.person_id).left_at = ctx.clock()
        tx.commit()
    import_work.carry_on(ctx, record.id)
    view = imports.read(ctx, village.actor("auditor"), record.id)
    assert view.line.record.state is ImportState.CHECKED
    assert "停用" in (view.line.record.failure or "")
    assert homes(village) == before


@pytest.mark.usefixtures("large")
def test_balances_are_not_written_for_whom_stands_in_by_now_for_who_handed_them_in(
    village: Village,
) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    registry = hand_in(village, registry_file(registry_rows()))
    import_work.carry_on(ctx, registry.id)
    write(village, registry)
    import_work.carry_on(ctx, registry.id)
    content = write_workbook(BALANCES_SHEETS, balances_rows())
    record = hand_in(village, content, ImportKind.BALANCES, "cashier")
    import_work.carry_on(ctx, record.id)
    assert write(village, record, "reviewer") is ImportState.ORDERED
    with ctx.sessions() as tx:
        stand_in = AccessGrant(
            person_id=village.actor("reviewer").person_id,
            role="cashier",
            scope_kind="city",
            granted_at=ctx.clock(),
            valid_until=ctx.clock() + timedelta(days=3),
            stands_in_for=cashier.person_id,
        )
        tx.add(stand_in)
        tx.commit()
    import_work.carry_on(ctx, record.id)
    view = imports.read(ctx, village.actor("auditor"), record.id)
    assert view.line.record.state is ImportState.CHECKED
    assert "请由另一位工作人员导入" in (view.line.record.failure or "")


def test_the_month_of_a_workbook_begins_anew_when_it_is_handed_in_again(village: Village) -> None:
    content = registry_file(registry_rows())
    record = hand_in(village, content)
    village.clock.set(village.clock() + timedelta(days=29))
    assert hand_in(village, content).id == record.id
    village.clock.set(village.clock() + timedelta(days=29))
    old_imports.forget_old(village.ctx)
    assert imports.read(village.ctx, village.actor("clerk"), record.id).line.is_kept


@pytest.mark.usefixtures("large")
def test_of_a_workbook_that_is_forgotten_while_it_is_checked_no_word_is_kept(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, record = village.ctx, hand_in(village, registry_file(registry_rows()))
    check = import_work.check

    def slow(*of: Any) -> Any:
        village.clock.set(village.clock() + timedelta(days=31))
        old_imports.forget_old(ctx)
        return check(*of)

    monkeypatch.setattr(import_work, "check", slow)
    import_work.carry_on(ctx, record.id)
    view = imports.read(ctx, village.actor("clerk"), record.id)
    assert (view.line.is_kept, view.line.record.state) == (False, ImportState.FAILED)
    with ctx.sessions() as tx:  # as it was kept before
        tx.get_one(WorkbookImport, record.id).found_sealed = b"sealed"
        tx.commit()
    old_imports.forget_old(ctx)
    assert not imports.read(ctx, village.actor("clerk"), record.id).line.is_kept


@pytest.mark.usefixtures("large")
def test_a_worker_that_dies_costs_an_attempt_and_the_third_is_the_last(village: Village) -> None:
    ctx, record = village.ctx, hand_in(village, registry_file(registry_rows()))

    class Killed(BaseException):
        pass

    def dies(*_: object, **__: object) -> None:
        raise Killed

    def lease_runs_out() -> None:
        with ctx.sessions() as tx:
            tx.get_one(WorkbookImport, record.id).leased_until = system_clock()
            tx.commit()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_work, "check", dies)
        for _ in range(import_work.MOST_ATTEMPTS):
            with pytest.raises(Killed):
                import_work.carry_on(ctx, record.id)
            assert not waiting.is_due(ctx, record.id)  # somebody may still be at it
            lease_runs_out()
    assert import_work.carry_on(ctx, record.id)
    view = imports.read(ctx, village.actor("clerk"), record.id)
    assert view.line.record.state is ImportState.FAILED
    assert view.line.record.failure == import_work.GIVEN_UP
    again = hand_in(village, registry_file(registry_rows()))  # another try is another import
    assert again.id != record.id


@pytest.mark.usefixtures("large")
def test_an_accident_is_told_and_what_is_checked_can_be_written_again(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    record = hand_in(village, registry_file(registry_rows()))
    import_work.carry_on(ctx, record.id)
    write(village, record)

    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_work, "write", breaks)
        assert import_work.carry_on(ctx, record.id)
    view = imports.read(ctx, clerk, record.id)
    assert view.line.record.failure == import_work.ACCIDENT
    assert view.may_apply
    write(village, record)
    import_work.carry_on(ctx, record.id)
    assert state_of(village, record) is ImportState.APPLIED
