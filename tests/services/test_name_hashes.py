"""A roster that was hashed by an older form of names is found by today's."""

from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from uuid_utils.compat import uuid7

from backend.cli import main
from backend.commands import migrate
from backend.domain.normal import NAME_FORM
from backend.services.base.context import Context
from backend.services.people import name_hashes
from backend.services.people.name_hashes import Renewed, renew_name_hashes
from backend.store.registry import CommitteeMember, NameForm, Owner
from tests.build.databases import Database
from tests.build.workbooks import bring_registry, registry_rows


@pytest.fixture(autouse=True)
def old_roster(ctx: Context) -> None:
    """The dot of one owner and the private letter of one member were letters of their own."""
    rows = registry_rows()
    rows["房屋业主"][1][4:6] = ["玛依拉.样力、李示宁", None]
    rows["业委会"][0][2] = "龙\ue863"
    assert bring_registry(ctx, rows).applied
    models: tuple[type[Owner | CommitteeMember], ...] = (Owner, CommitteeMember)
    names = (("玛依拉·样力", "玛依拉.样力"), ("龙䶮", "龙\ue863"))
    with ctx.sessions() as tx:
        for model, (today, before) in zip(models, names, strict=True):
            tx.execute(
                update(model)
                .where(model.name_hash == ctx.cipher.digest("name", today))
                .values(name_hash=ctx.cipher.digest("name", before))
            )
        tx.commit()


def hashes(ctx: Context) -> set[bytes]:
    with ctx.sessions() as tx:
        owners = tx.scalars(select(Owner.name_hash)).all()
        return {*owners, *tx.scalars(select(CommitteeMember.name_hash))}


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_every_entry_is_found_by_todays_form(
    ctx: Context, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_hashes, "BATCH", batch)
    assert renew_name_hashes(ctx) == Renewed(changed=2, doubles=0)
    names = ("玛依拉·样力", "李示宁", "张示安", "龙䶮")
    assert hashes(ctx) == {ctx.cipher.digest("name", name) for name in names}
    with ctx.sessions() as tx:
        assert tx.scalars(select(NameForm.form)).all() == [NAME_FORM]
    assert renew_name_hashes(ctx) == Renewed(0, 0)


def test_two_entries_that_are_one_now_stay_for_the_centre_to_decide(ctx: Context) -> None:
    with ctx.sessions() as tx:
        old = tx.scalars(
            select(Owner).where(Owner.name_hash == ctx.cipher.digest("name", "玛依拉.样力"))
        ).one()
        owner_id = uuid7()
        tx.add(
            Owner(
                id=owner_id,
                household_id=old.household_id,
                name_sealed=ctx.cipher.seal(Owner.name_sealed, owner_id, "玛依拉·样力"),
                name_hash=ctx.cipher.digest("name", "玛依拉·样力"),
            )
        )
        tx.commit()
    assert renew_name_hashes(ctx) == Renewed(changed=1, doubles=1)
    assert ctx.cipher.digest("name", "玛依拉.样力") in hashes(ctx)


def test_whoever_migrates_the_tables_renews_the_hashes(
    ctx: Context, database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SimpleNamespace(database_url=database_url, owner_database_url=database.owner_url)
    monkeypatch.setattr(
        migrate, "open_runtime", lambda **_: SimpleNamespace(settings=settings, ctx=ctx)
    )
    first, again = (CliRunner().invoke(main, ["migrate"]) for _ in range(2))
    assert first.output.startswith("名册检索已更新：2 项。\n数据库已是最新版本")
    assert again.output.startswith("数据库已是最新版本")
