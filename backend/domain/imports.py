"""导入 at the desk: which workbooks there are, who brings them, and how far one is."""

from collections.abc import Mapping
from enum import StrEnum

from backend.domain.roles import BOOK_OFFICERS, Role


class ImportKind(StrEnum):
    """What a workbook brings."""

    REGISTRY = "registry"
    BALANCES = "balances"


class ImportState(StrEnum):
    """A workbook is handed in and checked; what has no fault is written by a second word.

    A large one waits for a worker before either: `waits`, then `checked`; `ordered`, then
    `written`.
    `failed` is one that could not be checked.
    """

    WAITS = "waits"
    CHECKED = "checked"
    ORDERED = "ordered"
    APPLIED = "written"
    FAILED = "failed"


IMPORT_NAMES: Mapping[ImportKind, str] = {
    ImportKind.REGISTRY: "小区台账",
    ImportKind.BALANCES: "中心账目",
}
# Balances bring money and accounts that get paid: one officer hands them in, another one writes.
IMPORTERS: Mapping[ImportKind, tuple[Role, ...]] = {
    ImportKind.REGISTRY: (Role.CLERK,),
    ImportKind.BALANCES: BOOK_OFFICERS,
}
# What is with a worker, or will be.
AT_WORK = frozenset({ImportState.WAITS, ImportState.ORDERED})
# What is checked while its sender waits: four thousand flats, in two seconds. A larger one, in
# bytes, is a worker's.
MOST_AT_ONCE = 96 * 1024
NEED_ANOTHER = frozenset({ImportKind.BALANCES})
