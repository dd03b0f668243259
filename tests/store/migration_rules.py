"""What a migration may do to a city's database, and what it must give a reason for.

A migration is judged by the SQL that it sends. Some things are refused. Others may be right, and
then the file says why in a comment that begins with the word for it:

    # drops: `inbox.openid` was read by nobody, and a copy of personal data

`drops` rows, a column or a table; `renames` what the programs of the version before still ask for;
`rewrites` every row of a table; `locks` a table that grows with the years while it is read through.
"""

import ast
import re
from collections.abc import Iterator, Sequence

# Per person, per flat or per event: with the years these have many rows.
GROWING = frozenset(
    (
        "audit_entry",
        "consent",
        "entry",
        "file",
        "follow",
        "household",
        "household_balance",
        "household_movement",
        "household_share",
        "idempotency_key",
        "identity",
        "inbox",
        "login_session",
        "outbox",
        "owner",
        "person",
        "photo",
        "posting",
        "transition",
        "upload",
    )
)

REASON = re.compile(r"^ *# (drops|renames|rewrites|locks): \S+ \S+ \S+", re.MULTILINE)

FUNCTION_BODY = re.compile(r"(?<!DO )\$(\w*)\$.*?\$\1\$", re.DOTALL)
NEXT_ACTION = re.compile(r", (?=(?:ADD|ALTER|DROP|RENAME|VALIDATE) )")
ALTERED = re.compile(r'ALTER TABLE (?:IF EXISTS )?(?:ONLY )?"?(\w+)"? (.+)')
CREATED = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?')
INDEXED = re.compile(r'CREATE (?:UNIQUE )?INDEX .*? ?ON (?:ONLY )?"?(\w+)"?')
SWITCHED = re.compile(r'(DISABLE|ENABLE(?: ALWAYS)?) TRIGGER "?(\w+)"?')

LOSING = re.compile(r"DROP TABLE|TRUNCATE|DELETE FROM")
LOSING_COLUMN = re.compile(r"DROP (?!CONSTRAINT|DEFAULT|NOT NULL|EXPRESSION|IDENTITY)")
RENAMING = re.compile(r"RENAME (?!CONSTRAINT)")
ADDING_COLUMN = re.compile(r"ADD (?!CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)")
REWRITING = re.compile(
    r"ALTER .* TYPE |DEFAULT \(?(?:clock_timestamp|gen_random_uuid|random|nextval)"
)
SCANNING = re.compile(r"ADD (?:CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)|SET NOT NULL")


def complaints(statements: Sequence[str], source: str) -> list[str]:
    """What is wrong with a migration of this source that sent these statements, one line each."""
    words = [one for statement in statements for one in _split(statement)]
    given = set(REASON.findall(source))
    needed = [(reason, word) for word in words for reason in _reasons(word, _new_tables(words))]
    return [
        *_in_the_source(source),
        *_refused(words),
        *(f"says no `# {reason}: …`: {word}" for reason, word in needed if reason not in given),
    ]


def _split(statement: str) -> Iterator[str]:
    """Single statements in single spaces, without comments and the bodies of functions."""
    bare = re.sub(r"--[^\n]*", "", FUNCTION_BODY.sub("$$", statement))
    yield from (" ".join(one.split()) for one in bare.split(";") if one.strip())


def _new_tables(words: Sequence[str]) -> set[str]:
    return {found[1] for word in words if (found := CREATED.match(word))}


def _actions(word: str) -> tuple[str, list[str]]:
    """The table that a statement alters, and the single things it does to it."""
    found = ALTERED.match(word)
    return (found[1], NEXT_ACTION.split(found[2])) if found else ("", [])


def _reasons(word: str, new: set[str]) -> Iterator[str]:
    """What this statement has to give a reason for. A table that is new here is nobody's yet."""
    if LOSING.match(word):
        yield "drops"
    indexed = INDEXED.match(word)
    if indexed and indexed[1] in GROWING - new:
        yield "locks"
    table, actions = _actions(word)
    if table in new:
        return
    for action in actions:
        if LOSING_COLUMN.match(action):
            yield "drops"
        if RENAMING.match(action):
            yield "renames"
        if REWRITING.search(action):
            yield "rewrites"
        if SCANNING.search(action) and "NOT VALID" not in action and table in GROWING:
            yield "locks"


def _refused(words: Sequence[str]) -> Iterator[str]:
    new = _new_tables(words)
    off: dict[str, str] = {}
    for word in words:
        if re.match("COMMIT|ROLLBACK", word) or " CONCURRENTLY " in word:
            yield f"leaves the one transaction of the upgrade: {word}"
        table, actions = _actions(word)
        for action in actions:
            without = "NOT NULL" in action and not re.search("DEFAULT|GENERATED", action)
            if table not in new and ADDING_COLUMN.match(action) and without:
                yield f"fails where the table has rows (fill it, then SET NOT NULL): {word}"
            if switched := SWITCHED.match(action):
                off[f"{table}.{switched[2]}"] = switched[1]
    left = sorted(trigger for trigger, state in off.items() if state == "DISABLE")
    yield from (f"switches a trigger off and not on again: {trigger}" for trigger in left)


def _in_the_source(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in getattr(node, "names", [])]
        module = getattr(node, "module", "") or ""
        if isinstance(node, ast.Import | ast.ImportFrom) and any(
            name.split(".")[0] == "backend" for name in (module, *names)
        ):
            yield f"imports what will change under it: line {node.lineno}"
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade":
            yield "has a downgrade: there is no way back but a backup"
