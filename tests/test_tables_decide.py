"""Which state a case is in is asked of its table, and the house's own steps are named by nobody."""

import ast
from collections.abc import Iterator
from pathlib import Path

from backend.domain.actions import Action
from backend.domain.roles import Role
from backend.domain.routes.catalogue import ROUTES, table_of
from backend.domain.states import State
from backend.store.city_files import city_codes, load_city

BACKEND = Path(__file__).parents[1] / "backend"
OUTSIDE = [
    path
    for path in sorted(BACKEND.rglob("*.py"))
    if not path.is_relative_to(BACKEND / "domain") and "migrations" not in path.parts
]

# Where the state of a case is compared all the same, and why.
MAY_COMPARE = {
    # Which cases are open, whatever state that is.
    "services/case/estates.py": {"lock_cases_of"},
    "services/case/handover.py": {"_concerning", "tell_without_company"},
    "services/case/retired_lifts.py": {"tell_cases"},
    "services/people/company_news.py": {"tell_estate"},
    "services/people/handing_over.py": {"_cases", "handed_to"},  # of cases that go on
    "services/registry/opening_cases.py": {"tell_applicants"},
    "services/people/retention.py": {
        "objections_over",
        "_case_goes_on",
        "_objects_in_an_open_case",
    },
    "services/case/waiting.py": {"waiting_cases"},
    # Which cases wait for money, of which the state alone tells.
    "services/case/shortages.py": {"_money_came", "tell_of_money"},
    # Whether the estate is where its route begins, as its table says.
    "services/purchase/screening.py": {"_check_not_screened"},
    # A filter that somebody typed: any state of any route.
    "store/queries/cases.py": {"page_of_cases"},
    "store/queries/case_list.py": {"_where"},
    # What the tables say, asked of all cases at once.
    "services/reads/whose_turn.py": {"_chosen", "_must_keep_a_limit", "_most_urgent"},
    "services/reads/joint.py": {"joint_applications"},
    "services/reads/plan_cards.py": {"waiting_cards"},
    "store/queries/estates.py": {"at_work"},
    "store/queries/special_accounts.py": {"needs_its_account"},
    "store/queries/public_account.py": {"cases_under_way"},
    "store/queries/batches.py": {"count_due", "due_rows"},
}

# Words that are also the name of a state and mean something else, and the play, which waits for
# what becomes of its cases.
OTHER_MEANINGS = {
    "http/envelope.py": {"refused"},
    "services/workbooks/workbook.py": {"applied"},
    "pictures/apart.py": {"refused"},
    "pictures/limited.py": {"refused"},
    "store/proposals.py": {"refused"},
    "demo/command.py": {"in_force"},
    "demo/play.py": {"approved", "suspended"},
}

# A member answers with the same words that the house's steps are called by; an officer refuses to
# publish an objection's words.
ANSWERS = {"approve", "refuse"}


def name_of(path: Path) -> str:
    return str(path.relative_to(BACKEND))


def houses_actions() -> set[str]:
    cities = [load_city(code) for code in city_codes()]
    tables = [table_of(route, city) for city in cities for route in ROUTES if route in city.routes]
    return {
        str(step.action) for table in tables for step in table.steps if Role.SYSTEM in step.roles
    }


def functions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Everything in a module with the function (or the module) that it stands in."""

    def walk(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            name = child.name if isinstance(child, ast.FunctionDef) else inside
            yield name, child
            yield from walk(child, name)

    return walk(ast.parse(path.read_text("utf-8")), "")


def is_state_of_a_case(node: ast.AST) -> bool:
    """`Purchase.state`, `purchase.state`, `case.purchase.state`, `case.state`."""
    if not isinstance(node, ast.Attribute) or node.attr != "state":
        return False
    owner = node.value
    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return name.lower() in ("purchase", "case")


def compares_a_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return any(is_state_of_a_case(side) for side in (node.left, *node.comparators))
    called = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(called, ast.Attribute)
        and called.attr in ("in_", "not_in", "is_", "is_not")
        and is_state_of_a_case(called.value)
    )


def test_no_state_of_the_tables_is_named_outside_the_domain() -> None:
    named = [
        f"{name_of(path)}:{node.lineno}"
        for path in OUTSIDE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "State"
    ]
    assert named == []


def test_no_word_of_a_state_stands_outside_the_domain() -> None:
    """Neither compared with nor as the key of a dict: `case.state == "posted"` would be both."""
    words = {str(state) for state in State}
    found: dict[str, set[str]] = {}
    for path in OUTSIDE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in words:
                found.setdefault(name_of(path), set()).add(str(node.value))
    assert found == OTHER_MEANINGS


def test_the_state_of_a_case_is_compared_nowhere_but_where_it_says_why() -> None:
    found: dict[str, set[str]] = {}
    for path in OUTSIDE:
        for function, node in functions(path):
            if compares_a_state(node):
                found.setdefault(name_of(path), set()).add(function)
    assert found == MAY_COMPARE


def test_no_step_of_the_house_is_named_outside_the_domain() -> None:
    actions = houses_actions()
    assert {"suspend", "begin_cover", "approve"} <= actions
    members = {action.name for action in Action if action in actions}
    named = []
    for path in OUTSIDE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            by_member = (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "Action"
                and node.attr in members
            )
            by_word = isinstance(node, ast.Constant) and node.value in actions - ANSWERS
            # The play waits for what the house does; it does not do it.
            if by_member or (by_word and path.parts[-2] != "demo"):
                named.append(f"{name_of(path)}: {ast.unparse(node)}")
    assert named == []


def test_only_the_table_lets_a_step_be_taken() -> None:
    """Steps go through `advance` and name an action of people; a word alone would be unchecked."""
    wrong = []
    for path in OUTSIDE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            position = {"advance": 1, "take_step": 3}.get(called)
            if position is None or len(node.args) <= position:
                continue
            action = node.args[position]
            if isinstance(action, ast.Constant):
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []
