"""The field's words are used; those that were English by ear do not come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("backend", "miniprogram_stub", "docs")
KINDS = {".py", ".ts", ".wxml", ".wxss", ".html", ".js", ".json", ".toml", ".md"}
# They say how a thing was called, because rows, frozen texts and kept rules still do.
ABOUT_OLD_NAMES = (
    "backend/store/migrations/",
    "backend/domain/city/kept.py",
    "backend/domain/public_notice.py",
    "docs/glossary.md",
    "docs/decisions/",
    "docs/pictures/",
)
# Old → new, as whole words.
OLD_NAMES = {
    "OpenClaim|OwnClaim|RevealedClaim|own_claims?|open_claims|settle_claim|claim_settled": (
        "verification: `claim` is an insurance claim"
    ),
    "claim_owner|claim_membership|too_many_claims": "open_owner_verification, …",
    "claim_one|claim_due|claimed_at": "lease",
    "standing|standings|STANDING_NAMES|standing_name|objection_standings": "status, eligibility",
    "tell_answered|tell_cover|tell_objection|tell_progress": "notify_…",
    "DeadLetter|dead_letter|keep_dead_letter": "unreadable callback",
    "settle_publication|settle_correction|_settle_payment|_settle_claims": "close, resolve",
    "TASKS|OBJECTION_TASKS|MyTasks|TasksOut|TaskOut|my_tasks|tasks_mine": "LIMIT_TITLES, todos",
    "limit_fen": "sum_insured_fen",
    'promises(?=:| =|=|,|")': "service_commitments",
    'coverage(?=:| =|=|")': "scope_of_cover",
    "publicised|publicise|publicity|Publicity|PUBLICISED|publicity_images": "public notice, posted",
    "behind_account|units_behind|lifts_behind_account": "covered area",
    "wish|Wanted|PrintWish": "ApplicationRequest, PosterRequest, PrintRequest",
    "Correction|CorrectionIn|CorrectionOut|OpenCorrection|my_data|MyData": (
        "rectification request, subject access"
    ),
    "stands_aside|stand_aside|interested_stand_aside|conflicted": "recused",
    "reveal_\\w+|revealed|hear_in_time|quietly|slips|move_in|open_house": (
        "unmask, admit_late, notify=False, errata, install, open_runtime"
    ),
    "PARTIES": "INTERESTED_COMPANIES, conflicts of interest",
    "CHANNEL_NAMES": "MEDIUM_NAMES: a channel is the outbox's",
}
# As names of variables; in prose they are words as any other.
SAYS_NOTHING = {"told", "said"}
# These too, but a field is read with its class: what an account's deletion kept.
SAYS_NOTHING_ALONE = {"seen", "kept"}


def texts() -> Iterator[tuple[str, str]]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in KINDS and not name.startswith(ABOUT_OLD_NAMES):
                yield name, path.read_text("utf-8")


@pytest.mark.parametrize(("old", "instead"), OLD_NAMES.items(), ids=lambda words: words[:24])
def test_an_old_name_does_not_come_back(old: str, instead: str) -> None:
    pattern = re.compile(rf"(?<!\w)(?:{old})(?!\w)")
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == [], f"say {instead}"


def variables(path: Path) -> Iterator[tuple[str, int]]:
    """Every name that something is assigned to or handed in by, with its line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.arg):
            yield node.arg, node.lineno
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def fields(path: Path) -> set[tuple[str, int]]:
    """The fields of the classes of a module, with their lines."""
    return {
        (node.target.id, node.lineno)
        for described in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(described, ast.ClassDef)
        for node in described.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def test_a_variable_says_what_it_holds_and_not_that_it_was_told() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted((ROOT / "backend").rglob("*.py"))
        if "migrations" not in path.parts
        for name, line in variables(path)
        if name in SAYS_NOTHING or (name in SAYS_NOTHING_ALONE and (name, line) not in fields(path))
    ]
    assert found == []
