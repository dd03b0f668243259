"""What today's work touches of the past: the same city after one year and after ten.

    .venv/bin/python -m bench.years

Both are made by SQL (`large_city`, `ten_years`) and asked the same; buffers are PostgreSQL's own,
warm. `not_met` names what touches more after ten years than after one. Then what retention costs:
the rows of an hour, of each table that is thrown away, beside dropping a partition that holds a
month of them; and what tables and indices weigh.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy import table as table_of

from backend.config import LOCAL_OWNER, Settings
from backend.domain.audit_actions import AuditAction
from backend.domain.channels import TEMPLATE
from backend.domain.ledger import AccountKind, Line
from backend.domain.roles import Role
from backend.local.postgres import PROGRAMS
from backend.runtime import Runtime
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.services.case import handover
from backend.services.files import unused
from backend.services.messages import inbox, outbox
from backend.services.messages.outbox import Message
from backend.services.people import idempotency, retention, sessions, subject_access
from backend.services.reads import account_statements, audit_pages, audit_views
from backend.store.ledger import Account
from bench.growth import FEW_BUFFERS, LIFTS_OF_THE_DEMO, Costs, cities, sweeps
from bench.plans import TOLD, Cost, Plans
from bench.reads import holder_of
from bench.scene import house
from bench.ten_years import tell_years

LIFTS, CASES_A_YEAR, YEARS = 300_000, 100_000, 10
MOST_GROWTH = 1.5
RETENTION = "sweep retention"
BACKLOG = 20  # so many sweeps end what the years before have left
THROWN_AWAY = ("outbox", "inbox", "idempotency_key", "login_session")
KEPT = ("posting", "entry", "audit_entry", "transition", "purchase", "objection")


def ask(settings: Settings) -> tuple[Mapping[str, Cost], Mapping[str, Any], Mapping[str, Any]]:
    """What today's work touches, what an hour of retention costs, and what everything weighs."""
    with house(settings) as (runtime, _):
        costs = Costs(Plans(runtime.engine))
        runtime.engine.dispose()
        owner = create_engine(settings.database_url.replace(PROGRAMS, LOCAL_OWNER, 1))
        weights = _weights(owner)
        hour = dict(_hour(runtime, owner, costs))
        for name, work in today(runtime).items():
            for _ in range(BACKLOG if name == RETENTION else 1):
                work()
            with costs.watching(name):
                work()
        owner.dispose()
        return costs.of, hour, weights


def today(runtime: Runtime) -> Mapping[str, Callable[[], object]]:
    """What is done on any day, by name."""
    ctx = runtime.ctx
    auditor, clerk = (Actor(holder_of(ctx, role)) for role in (Role.AUDITOR, Role.CLERK))
    pooled, house_account = _accounts(ctx)
    year = ctx.clock().year
    return {
        **{f"sweep {name}": sweep for name, sweep in sweeps(runtime).items()},
        RETENTION: partial(retention.end_what_is_over, ctx),
        "sweep unused files": partial(unused.forget_unused, ctx),
        "write a message": partial(_write, ctx, clerk),
        "write a message again": partial(_write, ctx, clerk, "again"),
        "book an entry": partial(_book, ctx),
        "append a link": partial(_append, ctx),
        "own data of a clerk": partial(subject_access.everything, ctx, clerk),
        "told this week": partial(_told_this_week, ctx, clerk),
        "pooled account, this year": partial(audit_pages.read_account, ctx, auditor, pooled, year),
        "house account, this year": partial(
            audit_pages.read_account, ctx, auditor, house_account, year
        ),
        "statement of a house account, its first page": partial(
            account_statements.page_of, ctx, auditor, _id_of(ctx, house_account), (None, None), 1
        ),
        "looks": partial(audit_pages.page_of_looks, ctx, auditor, 1),
        "newest links": partial(_newest_links, ctx, auditor),
    }


def _accounts(ctx: Context) -> tuple[str, str]:
    """The numbers of an account of a building and of one of the house."""
    query = "SELECT min(number) FROM account WHERE kind = :kind AND number LIKE :like"
    with ctx.sessions() as tx:
        return (
            tx.scalar(text(query), {"kind": "pooled_income", "like": "%"}),
            tx.scalar(text(query), {"kind": "held_premium", "like": "%"}),
        )


def _id_of(ctx: Context, number: str) -> UUID:
    with ctx.sessions() as tx:
        return tx.scalars(select(Account.id).where(Account.number == number)).one()


def _write(ctx: Context, person: Actor, key: str | None = None) -> None:
    told = Message(
        f"bench/{key or ctx.clock()}/{person.person_id}",
        person.person_id,
        "clerk",
        TEMPLATE,
        "purchase_progress",
        {},
    )
    with ctx.sessions() as tx:
        outbox.write(tx, ctx.clock(), told)
        tx.info.clear()
        tx.commit()


def _book(ctx: Context) -> None:
    with ctx.sessions() as tx:
        ids = [
            tx.scalar(text("SELECT id FROM account WHERE kind = :kind LIMIT 1"), {"kind": kind})
            for kind in (AccountKind.BANK, AccountKind.HELD_PREMIUM)
        ]
        lines = [Line(ids[0], 100), Line(ids[1], -100)]
        new = ledger.NewEntry(f"bench/{ctx.clock()}", "interest", ctx.clock().date(), lines)
        ledger.post(tx, new, ctx.clock())
        tx.commit()


def _append(ctx: Context) -> None:
    with ctx.sessions() as tx:
        audit.append(tx, ctx.clock(), None, AuditAction.SESSION_OPEN, ("person", "bench"), {})
        tx.commit()


def _told_this_week(ctx: Context, person: Actor) -> None:
    with ctx.sessions() as tx:
        handover._told_this_week(tx, ctx, Role.CLERK, person.person_id)


def _newest_links(ctx: Context, auditor: Actor) -> None:
    with ctx.sessions() as tx:
        last = tx.scalar(text("SELECT max(seq) FROM audit_entry")) or 0
    audit_views.list_links(ctx, auditor, last - 100, 100)


def _hour(runtime: Runtime, owner: Engine, costs: Costs) -> Iterator[tuple[str, Any]]:
    """An hour's rows of each table go."""
    ctx = runtime.ctx
    for table, forget in {
        "inbox": inbox.forget_old,
        "idempotency_key": idempotency.forget_old,
        "login_session": sessions.forget_ended,
    }.items():
        before = _rows(owner, table)
        with _wal(owner) as wal, costs.watching(f"hour of {table}"):
            forget(ctx)
        gone = before - _rows(owner, table)
        yield table, {"rows": gone, "buffers": costs.of[f"hour of {table}"].buffers, **wal}


def _rows(owner: Engine, table: str) -> int:
    with owner.connect() as tx:
        return int(tx.execute(select(func.count()).select_from(table_of(table))).scalar_one())


@contextmanager
def _wal(owner: Engine) -> Iterator[dict[str, int]]:
    def at() -> int:
        with owner.connect() as tx:
            where = text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
            return int(tx.execute(where).scalar_one())

    found = {"wal_bytes": at()}
    yield found
    found["wal_bytes"] = at() - found["wal_bytes"]


def _weights(owner: Engine) -> Mapping[str, Any]:
    """Rows, megabytes of the table, and of each index."""
    index = text(
        "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) / 1000000 "
        "FROM pg_index WHERE indrelid = CAST(:table AS regclass)"
    )
    found = {}
    with owner.connect() as tx:
        for table in (*THROWN_AWAY, *KEPT):
            size = tx.execute(text("SELECT pg_table_size(:table) / 1000000"), {"table": table})
            found[table] = {
                "rows": _rows(owner, table),
                "mb": size.scalar_one(),
                "indices_mb": dict(tx.execute(index, {"table": table}).all()),
            }
    return found


def compared(
    lifts: int, cases: int, years: int, options: Sequence[str] = ()
) -> tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
    """What today's work touches after one year and after so many, by name; and of the old city what
    an hour of retention costs, and what everything weighs."""
    ages = iter((1, years))
    with cities(
        lifts,
        lifts + LIFTS_OF_THE_DEMO,
        options=[*TOLD, *options],
        more=lambda tx: tell_years(tx, next(ages), cases),
    ) as (settings, _):
        (young, _, _), (old, hour, weights) = (ask(each) for each in settings)
    lines = {
        name: {
            "buffers": [young[name].buffers, cost.buffers],
            "rows": [young[name].rows, cost.rows],
        }
        for name, cost in old.items()
    }
    return lines, hour, weights


def missed(lines: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What touches more after the years than it may."""
    return [
        name
        for name, line in lines.items()
        if line["buffers"][1] > max(FEW_BUFFERS, MOST_GROWTH * line["buffers"][0])
    ]


@click.command()
@click.option("--lifts", default=LIFTS, show_default=True)
@click.option("--cases", default=CASES_A_YEAR, show_default=True, help="cases in a year")
@click.option("--years", default=YEARS, show_default=True)
def main(lifts: int, cases: int, years: int) -> None:
    """Print one JSON document."""
    lines, hour, weights = compared(lifts, cases, years)
    document = {
        "lifts": lifts,
        "cases_a_year": cases,
        "years": [1, years],
        "today": lines,
        "not_met": missed(lines),
        "hour_of_retention": hour,
        "weights": weights,
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
