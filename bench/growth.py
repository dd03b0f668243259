"""What each read, sweep and step asks of the database, in a small city and in one a hundred times
larger.

    .venv/bin/python -m bench.growth

Both cities are made by SQL in one run (`large_city`) and asked the same by the same people, whose
own estate is as small in both. Pages that the database touched (buffers) and rows that it looked at
are counted from its own plans (`plans`), warm, with everything that triggers do. `not_met` names
the lines that miss what they aim at, and by how much; `not_yet` those of them that may, and why.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import click
from sqlalchemy import Connection, create_engine, text, update

from backend.config import LOCAL_OWNER, Settings
from backend.demo.city import City, DemoBuilding, live_through_january
from backend.demo.seed import WORKBOOKS
from backend.domain.channels import TEMPLATE
from backend.domain.roles import Role
from backend.local.postgres import PROGRAMS, database_url
from backend.local.processes import LOOPBACK, free_port
from backend.local.throwaway import throwaway_postgres, throwaway_valkey
from backend.local.valkey import redis_url
from backend.runtime import Runtime
from backend.services.base.context import Actor, Context
from backend.services.case import (
    accounts_published,
    followers,
    handover,
    reminders,
    renewals,
    shortages,
    steps,
)
from backend.services.messages import inbox, leases, outbox
from backend.services.messages.outbox import Message
from backend.services.people import idempotency, sessions
from backend.services.printing import print_orders
from backend.services.reads import case_list
from backend.services.workbooks.registry_import import import_registry
from backend.store import migrate
from backend.store.messages import Outbox, OutboxState
from backend.store.queries.case_list import CaseFilter
from bench import desk_reads, reads
from bench.large_city import WHILE_COPYING, tell
from bench.plans import TOLD, Cost, Plans, vacuum
from bench.scene import Indoors, demo_estate, emulator, house

LIFTS_OF_THE_DEMO = 24
SMALL, LARGE = 3_000, 300_000
ESTATES_OF_THE_MANAGER = 40

MOST_BUFFERS_OF_A_READ = 500
MOST_GROWTH = 2.0
MOST_BUFFERS_OF_AN_IDLE_SWEEP = 10
MOST_STATEMENTS_OF_TODOS = 15
MOST_STATEMENTS_OF_A_STEP = 25
# Below this growth is noise: a deeper index, a page more of a list.
FEW_BUFFERS = 40
BATCH = 100
BACKLOG = 10_000
NOT_TO_GROW = ("read", "step", "claim", "import", "verification")
# What misses its aim in a large city, and why it may.
NOT_YET = {
    "read todos of a clerk": "thirty cases with limits, rights, notices, photos and last steps lie"
    " on some eighteen pages each; it does not grow with the city",
    "read todos of a manager": "the same, and the money of forty estates; as long in any city where"
    " somebody manages so many",
    "read desk: messages": "counts those of a week, up to a thousand, which a small city has not",
    "read desk: rights": "counts grants from the table's beginning, and stops at a thousand",
    "read desk: insurers": "adds up every limit that an insurer ever kept or missed; a counter"
    " would have to follow each case that changes its insurer",
    "read desk: an insurer": "the same figures, of one insurer",
    "read desk: search by name": "a name that every estate has finds as many as are shown",
    "read desk: estates": "fifty on a page in a city, with their lifts, cases and cover; a town has"
    " ten",
    "read desk: search by a room": "looks in up to fifty estates, and asks for a name where there"
    " are more",
    "read desk: search by a room of an estate": "the same, of a name that every estate has",
    "read desk: estates by name": "the same, and counts them, up to a thousand",
    "read desk: values of the city": "counts the cases of each version along an index, 37,500 on"
    " forty pages",
    "read desk: messages about an estate": "a name that every estate has finds every message, of"
    " which a thousand are counted one by one; one that few have costs what these have",
}

SECOND = DemoBuilding("2栋", "DEMO-TC-0201", "2025-04-10", "2026-04-10")


@dataclass
class Costs:
    """What was asked in one city, by what asked it."""

    plans: Plans
    of: dict[str, Cost] = field(default_factory=dict)

    @contextmanager
    def watching(self, name: str) -> Iterator[None]:
        """Everything inside the block is this one's doing; of two the dearer one counts."""
        with self.plans.of() as cost:
            yield
        if name not in self.of or cost.buffers > self.of[name].buffers:
            self.of[name] = cost


@dataclass(frozen=True)
class People:
    """Those of the first estate at the `moment` when January is over (business time), and what they
    read: by name, who and where."""

    stage: Indoors
    city: City
    moment: datetime
    reads: Mapping[str, tuple[str | None, str]]


@contextmanager
def cities(
    *sizes: int,
    options: Sequence[str] = TOLD,
    more: Callable[[Connection], object] | None = None,
) -> Iterator[tuple[list[Settings], People]]:
    """A database for each number of lifts, and `more`, on a server that runs these options
    (without any it tells its plans); the people of the demo are signed in to all of them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tibao-bench-")))
        settings = Settings(
            data_dir=folder,
            clock_file=folder / "clock",
            redis_url=redis_url(stack.enter_context(throwaway_valkey(folder / "valkey"))),
            wechat_url=f"http://{LOOPBACK}:{free_port()}",
        )
        with throwaway_postgres(folder / "pg") as port:
            migrate.upgrade(database_url(port, role=LOCAL_OWNER), PROGRAMS)
            people = _lived(replace(settings, database_url=database_url(port)))
        names = {f"lifts_{lifts}": lifts for lifts in sizes}
        with throwaway_postgres(folder / "pg", *WHILE_COPYING) as port:
            for name, lifts in names.items():
                _made(port, name, lifts, more)
        port = stack.enter_context(throwaway_postgres(folder / "pg", *options))
        stack.enter_context(emulator(settings))
        yield [replace(settings, database_url=database_url(port, name)) for name in names], people


def _lived(settings: Settings) -> People:
    with demo_estate(settings) as scene:
        live_through_january(scene.stage)
        for sweep in sweeps(scene.runtime).values():
            sweep()
        asked_of_api = reads.of_the_api(scene.stage, scene.city)
        # Before a city is made, so that whoever adds a route hears of it at once.
        if missing := reads.not_covered(scene.app, [path for _, path in asked_of_api.values()]):
            raise click.ClickException(f"no line, and no reason why: {sorted(missing)}")
        return People(scene.stage, scene.city, scene.runtime.ctx.clock(), asked_of_api)


def _made(port: int, name: str, lifts: int, more: Callable[[Connection], object] | None) -> None:
    owner = create_engine(database_url(port, role=LOCAL_OWNER), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE tibao"))
    owner.dispose()
    city = create_engine(database_url(port, name, LOCAL_OWNER))
    tell(city, lifts // LIFTS_OF_THE_DEMO - 1, ESTATES_OF_THE_MANAGER)
    if more:
        with city.begin() as tx:
            more(tx)
    with city.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        vacuum(connection)
    city.dispose()


def sweeps(runtime: Runtime) -> Mapping[str, Callable[[], object]]:
    """What the clock brings, by name; see `jobs.cron`."""
    ctx = runtime.ctx
    return {
        "outbox": partial(leases.due_ids, ctx),
        "inbox": partial(inbox.due_ids, ctx),
        "printing": partial(print_orders.due_ids, ctx),
        "deadlines": partial(reminders.sweep, ctx),
        "purchases": partial(steps.sweep, ctx),
        "endings": partial(followers.sweep_endings, ctx),
        "newcomers": partial(handover.invite_who_came, ctx),
        "shortages": partial(shortages.tell_of_money, ctx),
        "handovers": partial(handover.sweep, ctx),
        "renewals": partial(renewals.sweep, ctx),
        "public accounts": partial(accounts_published.publish, ctx),
        "sessions": partial(sessions.forget_ended, ctx),
        "keys": partial(idempotency.forget_old, ctx),
        "old inbox": partial(inbox.forget_old, ctx),
    }


def ask(settings: Settings, people: People, backlog: int = BACKLOG) -> Mapping[str, Cost]:
    """Everything that is asked of one city, twice, so that the second time it is warm."""
    with house(settings) as (runtime, app):
        costs = Costs(Plans(runtime.engine))
        runtime.engine.dispose()  # who is connected already tells nothing
        people.stage.move_to(runtime.ctx, app)
        # However long it took to make a city: nothing became due in all of its estates meanwhile.
        people.stage.set_clock(people.moment)
        for name, sweep in sweeps(runtime).items():
            sweep()
            with costs.watching(f"sweep {name}"):
                sweep()
        _take(runtime, costs, backlog)
        for name, (who, path) in people.reads.items():
            for _ in range(2):  # the public's second time is answered from memory
                with costs.watching(f"read {name}"):
                    people.stage.act(who, "GET", path)
        for name, look in desk_reads.of_the_desk(runtime.ctx, people.city.estate_id).items():
            for _ in range(2):
                with costs.watching(f"read desk: {name}"):
                    look()
        for _ in range(2):
            with costs.watching("verification of a piece of the chain"):
                reads.piece_of_the_chain(runtime.ctx)
        _lists(runtime, costs)
        _import(runtime, costs)
        _write(people, costs)
        _count(runtime, costs)
        return costs.of


def _take(runtime: Runtime, costs: Costs, backlog: int) -> None:
    """A batch of messages to one officer; and of another person's, behind thousands to them."""
    ctx = runtime.ctx
    clerk, auditor = (reads.holder_of(ctx, role) for role in (Role.CLERK, Role.AUDITOR))
    _send(ctx, clerk, "clerk", BATCH)
    with costs.watching(f"claim of {BATCH} messages"):
        leases.take_due(ctx, BATCH)
    _send(ctx, clerk, "clerk", backlog)
    _send(ctx, auditor, "auditor", 1)
    with costs.watching(f"claim of {BATCH} messages of {backlog}"):
        taken = leases.take_due(ctx, BATCH)
    if auditor not in {each.person_id for each in taken}:
        raise click.ClickException("the messages to one delay another's by more than a batch")
    with ctx.sessions() as tx:
        waiting = Outbox.state.in_((OutboxState.CREATED, OutboxState.SENDING))
        tx.execute(update(Outbox).where(waiting).values(state=OutboxState.SENT))
        tx.commit()


def _send(ctx: Context, to: UUID, role: str, number: int) -> None:
    with ctx.sessions() as tx:
        keys = [f"bench/{role}/{number}/{nth}" for nth in range(number)]
        for first in range(0, number, BATCH * 10):
            each = keys[first : first + BATCH * 10]
            outbox.write_each(
                tx,
                ctx.clock(),
                [Message(key, to, role, TEMPLATE, "deadline_reminder", {}) for key in each],
            )
        tx.info.clear()
        tx.commit()


def _lists(runtime: Runtime, costs: Costs) -> None:
    """The desk's list of cases in each of its orders."""
    clerk = Actor(reads.holder_of(runtime.ctx, Role.CLERK))
    for sort in case_list.SORTS:
        for _ in range(2):
            with costs.watching(f"list of cases by {sort}"):
                case_list.page_of(runtime.ctx, clerk, CaseFilter(), sort, 1)


def _write(people: People, costs: Costs) -> None:
    """A case of the second building, from the draft to its notice."""
    stage, city = people.stage, people.city
    act = stage.act

    def counted(key: str | None, method: str, path: str, body: Any = None) -> Any:
        words = [word for word in path.split("/") if word and len(word) < len(city.estate_id)]
        with costs.watching(f"step {method} {'/'.join(words)}"):
            return act(key, method, path, body)

    order = {"estate_id": city.estate_id, "kinds": ["cab_card"]}
    counted("manager", "POST", "/print-orders", order)
    # Each unit of that building has an account of its own.
    city.lifts = [lift for lift in city.lifts if lift["unit"] == "1单元"]
    with patch.object(stage, "act", counted):  # the walk is the demo's own
        case = city.plan(SECOND)
        city.approve(case)
        city.post(case, SECOND)


def _import(runtime: Runtime, costs: Costs) -> None:
    """The first estate's workbook once more, as a clerk has it looked at before it is taken."""
    book = (WORKBOOKS / "demo_registry.xlsx").read_bytes()
    for _ in range(2):
        with costs.watching("import of a registry"):
            import_registry(runtime.ctx, book, dry_run=True)


def _count(runtime: Runtime, costs: Costs) -> None:
    """What looks at the whole city, by its nature."""
    for name, look in reads.of_the_whole_city(runtime.ctx).items():
        with costs.watching(f"whole {name}"):
            look()


def lines(small: Mapping[str, Cost], large: Mapping[str, Cost]) -> dict[str, dict[str, Any]]:
    """What each asked in the small city and in the large one."""
    return {
        name: {
            "statements": [small[name].statements, cost.statements],
            "buffers": [small[name].buffers, cost.buffers],
            "rows": [small[name].rows, cost.rows],
            "ratio": round(cost.buffers / max(1, small[name].buffers), 1),
        }
        for name, cost in large.items()
    }


def not_met(name: str, statements: int, small: int, large: int) -> str | None:
    """Why a line misses what it aims at, by its kind; None when it does not."""
    kind = name.partition(" ")[0]
    if kind == "sweep" and large > MOST_BUFFERS_OF_AN_IDLE_SWEEP:
        return f"{large} buffers with nothing to do, aim {MOST_BUFFERS_OF_AN_IDLE_SWEEP}"
    if kind == "step" and statements > MOST_STATEMENTS_OF_A_STEP:
        return f"{statements} statements, aim {MOST_STATEMENTS_OF_A_STEP}"
    if name.startswith("read todos") and statements > MOST_STATEMENTS_OF_TODOS:
        return f"{statements} statements, aim {MOST_STATEMENTS_OF_TODOS}"
    if kind == "read" and large > MOST_BUFFERS_OF_A_READ:
        return f"{large} buffers, aim {MOST_BUFFERS_OF_A_READ}"
    if kind in ("read", "step", "claim", "import", "verification") and large > max(
        FEW_BUFFERS, MOST_GROWTH * small
    ):
        return f"{small} → {large} buffers, aim {MOST_GROWTH} times"
    return None


def missed(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The lines that miss what they aim at, and why."""
    reasons = {
        name: not_met(name, line["statements"][1], *line["buffers"]) for name, line in found.items()
    }
    return {name: why for name, why in reasons.items() if why}


def asked(
    *sizes: int, options: Sequence[str] = (), backlog: int = BACKLOG
) -> list[Mapping[str, Cost]]:
    """Everything that is asked of cities of so many lifts, of one after the other."""
    with cities(*sizes, options=[*TOLD, *options]) as (settings, people):
        return [ask(each, people, backlog) for each in settings]


@click.command()
@click.option("--small", default=SMALL, show_default=True, help="lifts of the small city")
@click.option("--large", default=LARGE, show_default=True, help="lifts of the large city")
def main(small: int, large: int) -> None:
    """Print one JSON document."""
    found = lines(*asked(small, large))
    misses = missed(found)
    document = {
        "lifts": [small, large],
        "lines": found,
        "not_met": {name: why for name, why in misses.items() if name not in NOT_YET},
        "not_yet": {name: (why, NOT_YET[name]) for name, why in misses.items() if name in NOT_YET},
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
