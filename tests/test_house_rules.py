"""What keeps the house walkable: imports one way, small modules, nothing hidden."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from backend.store import migrate

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "backend").rglob("*.py"))
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 55

# Input, output, chance and the time of day stay outside the rules.
WORLDLY = {"logging", "os", "pathlib", "random", "socket", "subprocess", "time"}

# What each room may import besides itself. Whoever is not listed stands outside and may all.
INNER = ("domain", "clock", "config", "seldom")
HOUSE = (*INNER, "store", "services")
MAY_IMPORT = {
    "clock": (),
    "config": ("production",),
    "production": (),
    "seldom": (),
    "private": (),
    "verify_books": (),
    "verify_export": (),
    "domain": (),
    "store": INNER,
    "pictures": ("domain", "seldom"),
    "services": (*INNER, "store", "pictures"),
    "http": HOUSE,
    "api": (*HOUSE, "http"),
    "desk": (*HOUSE, "http", "pictures"),
    "wechat": HOUSE,
    "sandbox": (*INNER, "store", "wechat"),
    "jobs": HOUSE,
    "local": ("clock", "config", "loading", "private"),
    "runtime": (*HOUSE, "wechat", "jobs"),
    "wiring": (*HOUSE, "runtime"),
    "programs": (*HOUSE, "http", "wechat", "jobs", "runtime", "wiring"),
    "desk_app": (*HOUSE, "private", "http", "desk", "runtime", "wiring", "programs"),
    "app": (*HOUSE, "private", "http", "api", "runtime", "wiring", "programs"),
}

# The rooms inside a room, and what each may import of the others. A module that stands in the room
# itself would belong to no subject.
FIRST = ("base", "books", "messages", "files")
CASES = (*FIRST, "case")
ROOMS_INSIDE: dict[str, dict[str, tuple[str, ...]]] = {
    "services": {
        "base": (),
        "books": ("base",),
        "messages": ("base",),
        "files": ("base",),
        "public": ("base",),
        "batches": (*CASES, "purchase", "workbooks"),
        "workbooks": ("base", "books", "files", "case"),
        "case": FIRST,
        "income": ("base", "books", "case", "files"),
        "fund_books": ("base", "books", "workbooks"),
        "purchase": CASES,
        "printing": (*CASES, "public"),
        "public_notice": (*CASES, "purchase", "votes"),
        "votes": (*CASES, "purchase"),
        "reads": (*CASES, "purchase"),
        "lists": (*CASES, "purchase", "printing", "reads", "workbooks"),
        "ordered": (*CASES, "batches", "purchase", "printing", "lists", "reads", "workbooks"),
        "people": (*CASES, "purchase", "public_notice"),
        "reconciling": ("base", "books", "files", "workbooks"),
        "registry": ("base", "books", "case", "files"),
    },
    "api": {
        "public": (),
        "cases": (),
        "residents": ("cases",),
        "centre": ("cases",),
    },
}

# The rooms of the emulator, in the order in which they rest on each other; see its `app`.
EMULATOR = {
    "memory": (),
    "callbacks": ("memory",),
    "parts": ("memory", "callbacks"),
    "calls": ("memory", "callbacks", "parts"),
    "play": ("memory", "callbacks", "parts"),
    "pages": ("memory", "callbacks", "parts"),
    "app": ("memory", "callbacks", "parts", "calls", "play", "pages"),
}

# The foreign packages that a room works with; whoever wants another one says why here.
FOREIGN: dict[str, set[str]] = {
    "clock": set(),
    "config": set(),
    "production": set(),
    "seldom": set(),
    "private": set(),
    "verify_books": set(),
    "verify_export": set(),
    "domain": set(),
    "store": {
        "alembic",
        "chinese_calendar",
        "cryptography",
        "psycopg",
        "redis",
        "sqlalchemy",
        "uuid_utils",
    },
    "pictures": {
        "PIL",
        "fontTools",
        "pillow_heif",
        "pypdf",
        "qrcode",
        "zxingcpp",
    },
    "services": {"openpyxl", "pyotp", "sqlalchemy", "uuid_utils"},
    "http": {
        "flask",
        "flask_openapi3",
        "psycopg",
        "pydantic",
        "pydantic_core",
        "sqlalchemy",
        "uuid_utils",
        "werkzeug",
    },
    "api": {"flask", "flask_openapi3", "pydantic", "werkzeug"},
    "desk": {"flask", "sqlalchemy", "werkzeug"},
    "jobs": {"redis", "rq"},
    "wechat": {"flask", "sqlalchemy", "urllib3", "wechatpy", "xmltodict"},
    "sandbox": {"flask", "pydantic", "pyotp", "qrcode", "urllib3", "wechatpy", "werkzeug"},
}

# Where an imported name is a room, not yet a module.
OUTER = {"backend", *(f"backend.{room}" for room in ROOMS_INSIDE)}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room_of(module: str) -> str:
    """`backend.store.queries.lifts` is in the room `store`; the emulator is a room of its own."""
    if module.startswith("backend.wechat.sandbox"):
        return "sandbox"
    return module.split(".")[1] if module.count(".") else ""


def module_at(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module in OUTER:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_imports_point_one_way() -> None:
    wrong = {}
    for path in MODULES:
        room = room_of(module_at(path))
        if room in MAY_IMPORT:
            ours = {room_of(name) for name in imports(path) if name.split(".")[0] == "backend"}
            wrong[name_of(path)] = ours - {room, *MAY_IMPORT[room]}
    assert {name: rooms for name, rooms in wrong.items() if rooms} == {}


def test_imports_between_the_rooms_inside_a_room_point_one_way() -> None:
    wrong = {}
    for path in MODULES:
        parts = path.relative_to(ROOT / "backend").with_suffix("").parts
        inside = ROOMS_INSIDE.get(parts[0])
        if inside is None or parts[1] == "__init__":
            continue
        ours = {
            name.split(".")[2] for name in imports(path) if name.startswith(f"backend.{parts[0]}.")
        }
        wrong[name_of(path)] = ours - {parts[1], *inside.get(parts[1], ())}
    assert {name: rooms for name, rooms in wrong.items() if rooms} == {}


def test_the_emulator_shares_its_templates_with_us_and_nothing_else() -> None:
    wrong = {}
    for path in MODULES:
        inside = module_at(path).removeprefix("backend.wechat.sandbox.").split(".")[0]
        if room_of(module_at(path)) != "sandbox" or inside == "__init__":
            continue
        ours = {name for name in imports(path) if name.startswith("backend.wechat.")}
        shared = {name for name in ours if room_of(name) == "wechat"}
        rooms = {name.split(".")[3] for name in ours - shared}
        wrong[name_of(path)] = shared - {"backend.wechat.templates"}
        wrong[name_of(path)] |= rooms - {inside, *EMULATOR[inside]}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_room_holds_rooms_or_modules_but_not_both() -> None:
    """Who looks for a subject finds a folder of its name."""
    astray = [
        name_of(path)
        for path in MODULES
        for room, inside in ROOMS_INSIDE.items()
        if path.is_relative_to(ROOT / "backend" / room)
        and path.relative_to(ROOT / "backend" / room).parts[0] not in {*inside, "__init__.py"}
    ]
    assert astray == []


def test_the_page_about_the_rooms_names_each_of_them() -> None:
    page = (ROOT / "docs" / "rooms.md").read_text(encoding="utf-8")
    inner = {f"| `{room}` |" for room in ROOMS_INSIDE["services"]}
    outer = {f"`api/{room}`" for room in ROOMS_INSIDE["api"]}
    assert [name for name in sorted(inner | outer) if name not in page] == []


def test_every_room_works_with_its_own_foreign_packages() -> None:
    wrong = {}
    for path in MODULES:
        room = room_of(module_at(path))
        if room in FOREIGN:
            foreign = {name.split(".")[0] for name in imports(path)} - sys.stdlib_module_names
            wrong[name_of(path)] = foreign - {"backend"} - FOREIGN[room]
    assert {name: packages for name, packages in wrong.items() if packages} == {}


def test_of_wechatpy_only_sealing_and_signing_is_used() -> None:
    """It is silent since 2021: what is used of it must stay small enough to write anew."""
    used = {
        (name_of(path), name)
        for path in MODULES
        for name in imports(path)
        if name.startswith("wechatpy")
    }
    assert used == {
        ("backend/wechat/callbacks.py", "wechatpy.crypto"),
        ("backend/wechat/callbacks.py", "wechatpy.exceptions"),
        ("backend/wechat/sandbox/callbacks/pusher.py", "wechatpy.crypto"),
        ("backend/wechat/sandbox/callbacks/pusher.py", "wechatpy.utils"),
    }


def test_the_domain_is_rules_and_nothing_else() -> None:
    wrong = {}
    for path in MODULES:
        if path.is_relative_to(ROOT / "backend" / "domain"):
            foreign = {name.split(".")[0] for name in imports(path)} - {"backend"}
            wrong[name_of(path)] = (foreign - sys.stdlib_module_names) | (foreign & WORLDLY)
    assert {name: modules for name, modules in wrong.items() if modules} == {}


def test_the_bot_thinks_and_does_nothing() -> None:
    """What it goes by and what it answers are values; others load them and carry them out."""
    hands = {"sqlalchemy", "backend.services.base.context", "backend.services.messages.outbox"}
    for name in ("bot", "phrases", "replies"):
        found = set(imports(ROOT / "backend" / "wechat" / f"{name}.py"))
        assert not {module for module in found for hand in hands if module.startswith(hand)}


def test_modules_import_at_their_top() -> None:
    hidden = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                hidden += [f"{name_of(path)}:{found.lineno}" for found in inner]
    assert hidden == []


def test_modules_are_read_in_one_sitting() -> None:
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count >= MOST_LINES} == {}


def test_functions_fit_a_screen() -> None:
    long = []
    for path in [*MODULES, *(ROOT / "bench").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        if "versions" in path.parts:
            continue  # a migration tells its whole change in one place
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.name} {lines}")
    assert long == []


def test_packages_are_folders_and_nothing_more() -> None:
    talking = [
        name_of(path) for path in MODULES if path.name == "__init__.py" and path.stat().st_size
    ]
    assert talking == []


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in MODULES if "migrations" not in path.parts}
    assert [name_of(f) for f in sorted(folders) if not (f / "__init__.py").exists()] == []


def test_migrations_are_numbered_without_gaps_and_end_in_one_head() -> None:
    names = sorted(p.stem for p in (ROOT / "backend/store/migrations/versions").glob("[0-9]*.py"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert migrate.head() == names[-1]


def test_every_session_is_opened_by_the_block_that_uses_it() -> None:
    astray = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        blocks = {
            id(item.context_expr)
            for n in ast.walk(tree)
            if isinstance(n, ast.With)
            for item in n.items
        }
        astray += [
            f"{name_of(path)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and _called(node) == "sessions" and id(node) not in blocks
        ]
    assert astray == []


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_no_sentence_names_the_office_of_one_city() -> None:
    """People read “中心” or the name in their city's file: Shaoguan has no 住保中心."""
    source = [
        path
        for room in ("backend", "miniprogram_stub")
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in {".py", ".html", ".ts", ".wxml"}
    ]
    assert len(source) > len(MODULES)
    assert [path for path in source if "住保" in path.read_text("utf-8")] == []
