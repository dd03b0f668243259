"""案卷: what a bound case says, and how it gets to the process that binds it (see `apart`)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

NOTHING = -1  # in place of a length: there is no file


@dataclass(frozen=True)
class Section:
    """A part of the case: labels with their words."""

    title: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class BoundPaper:
    """A paper of the case: what it is, who handed it in and when, its words where it is no file.
    `note` says why its pages are not in here, where they are not."""

    title: str
    given: str
    sha256: str
    media_type: str
    words: str = ""
    note: str = ""


@dataclass(frozen=True)
class CaseFile:
    """What is bound: `as_of` is when the case last changed, so that a case to which nothing
    happened gives the same bytes."""

    title: str
    number: str
    as_of: datetime
    facts: Sequence[tuple[str, str]]
    about: Sequence[str]
    sections: Sequence[Section]
    papers: Sequence[BoundPaper]


@dataclass(frozen=True)
class Bound:
    """The PDF, and the places (from 0) of the papers that could not be opened."""

    content: bytes
    unread: Sequence[int]


def framed(case_file: CaseFile, files: Sequence[bytes | None]) -> bytes:
    """A line of JSON with what is said and the lengths of the files, and these behind it."""
    sizes = [NOTHING if each is None else len(each) for each in files]
    fields = asdict(case_file) | {"as_of": case_file.as_of.isoformat()}
    head = json.dumps({"case_file": fields, "sizes": sizes}, ensure_ascii=False)
    return b"".join([head.encode(), b"\n", *(each for each in files if each is not None)])


def unframed(content: bytes) -> tuple[CaseFile, Sequence[bytes | None]]:
    """What was framed."""
    start = content.index(b"\n") + 1
    head = json.loads(content[:start])
    files: list[bytes | None] = []
    for size in head["sizes"]:
        files.append(None if size == NOTHING else content[start : start + size])
        start += max(size, 0)
    return _read(head["case_file"]), files


def _read(fields: dict[str, Any]) -> CaseFile:
    return CaseFile(
        fields["title"],
        fields["number"],
        datetime.fromisoformat(fields["as_of"]),
        fields["facts"],
        fields["about"],
        [Section(**each) for each in fields["sections"]],
        [BoundPaper(**each) for each in fields["papers"]],
    )
