"""Sealed words: nobody reads them without the key, nobody changes or moves them unnoticed."""

import ast
import logging
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, inspect

import backend
from backend.store.base import Base
from backend.store.cipher import UNBOUND, Cipher, Column, SealBroken
from backend.store.people import Person
from backend.store.registry import Owner
from backend.store.sealed import SEALED
from tests.build.sealing import of_before

SECRET, OTHER_SECRET = "a secret for tests only, long enough", "another secret, long enough too"
CIPHER, OTHER = Cipher(SECRET), Cipher(OTHER_SECRET)
BOTH = Cipher(OTHER_SECRET, SECRET)
LENIENT = Cipher(SECRET, unbound=lambda: True)
NAME, ROW = Owner.name_sealed, UUID(int=7)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
# Few rows: what stands in another column of the same row is another place too.
places = st.tuples(
    st.sampled_from([place.column for place in SEALED]), st.sampled_from([ROW, UUID(int=2)])
)


@given(words, places)
def test_what_was_sealed_is_opened_and_looks_different_each_time(
    text: str, place: tuple[Column, UUID]
) -> None:
    first, second = CIPHER.seal(*place, text), CIPHER.seal(*place, text)
    assert CIPHER.open(*place, first) == CIPHER.open(*place, second) == text
    assert first != second


@given(words.filter(lambda text: len(text.encode()) > 3))
def test_nothing_of_the_words_shows(text: str) -> None:
    assert text.encode() not in CIPHER.seal(NAME, ROW, text)


@given(words, st.data())
def test_one_changed_bit_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(CIPHER.seal(NAME, ROW, text))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    for cipher in (CIPHER, LENIENT):
        with pytest.raises(SealBroken):
            cipher.open(NAME, ROW, bytes(sealed))


@given(words, st.integers(0, 100))
def test_what_is_cut_off_is_noticed(text: str, kept: int) -> None:
    for sealed in (CIPHER.seal(NAME, ROW, text), of_before(CIPHER, text)):
        with pytest.raises(SealBroken):
            LENIENT.open(NAME, ROW, sealed[: min(kept, len(sealed) - 1)])


@given(words)
def test_another_key_opens_nothing_and_finds_nobody(text: str) -> None:
    with pytest.raises(SealBroken, match="none of ours"):
        OTHER.open(NAME, ROW, CIPHER.seal(NAME, ROW, text))
    assert OTHER.digest("name", text) != CIPHER.digest("name", text)


@given(words)
def test_a_hash_is_of_one_kind_and_of_256_bits(text: str) -> None:
    kinds = {CIPHER.digest(kind, text) for kind in ("name", "phone", "session")}
    assert {len(digest) for digest in kinds} == {32}
    assert len(kinds) == 3


@given(words, places, places)
def test_what_is_moved_to_another_place_does_not_open_there(
    text: str, one: tuple[Column, UUID], other: tuple[Column, UUID]
) -> None:
    assume(one != other)
    with pytest.raises(SealBroken):
        CIPHER.open(*other, CIPHER.seal(*one, text))


def test_whoever_runs_the_house_is_told_where(caplog: pytest.LogCaptureFixture) -> None:
    moved = CIPHER.seal(Person.name_sealed, ROW, "张示安")
    with caplog.at_level(logging.ERROR), pytest.raises(SealBroken) as refused:
        CIPHER.open(NAME, ROW, moved)
    for said in (caplog.text, str(refused.value)):
        assert f"owner.name_sealed of row {ROW}" in said
        assert "sealed for another place" in said
        assert "张示安" not in said


@given(words)
def test_two_keys_open_and_the_newer_one_seals(text: str) -> None:
    of_old, of_new = CIPHER.seal(NAME, ROW, text), BOTH.seal(NAME, ROW, text)
    assert BOTH.open(NAME, ROW, of_old) == BOTH.open(NAME, ROW, of_new) == text
    assert OTHER.open(NAME, ROW, of_new) == text
    assert of_new.startswith(BOTH.head)
    assert not of_old.startswith(BOTH.head)
    assert BOTH.digest("name", text) == OTHER.digest("name", text)
    assert BOTH.digests("name", text) == [OTHER.digest("name", text), CIPHER.digest("name", text)]


@given(words)
def test_the_form_of_before_opens_as_long_as_there_may_be_such_values(text: str) -> None:
    sealed = of_before(CIPHER, text)
    assert sealed.startswith(UNBOUND)
    for cipher in (LENIENT, Cipher(OTHER_SECRET, SECRET, unbound=lambda: True)):
        assert cipher.open(NAME, ROW, sealed) == text
    for cipher in (CIPHER, BOTH):
        with pytest.raises(SealBroken, match="from before"):
            cipher.open(NAME, ROW, sealed)
    with pytest.raises(SealBroken):
        Cipher(OTHER_SECRET, unbound=lambda: True).open(NAME, ROW, sealed)


@given(words)
def test_a_bound_value_is_not_passed_off_as_one_of_before(text: str) -> None:
    """Its body after the mark of the old form, with and without its key's id."""
    sealed = CIPHER.seal(NAME, ROW, text)
    for passed_off in (UNBOUND + sealed[1:], UNBOUND + sealed[5:]):
        with pytest.raises(SealBroken):
            LENIENT.open(NAME, ROW, passed_off)


# --- one home, and no way past it ---


def test_every_sealed_column_is_in_the_list_of_what_is_brought_forward() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert {place.name for place in SEALED if not place.in_json} == columns
    assert {place.name for place in SEALED if place.in_json} == {
        "outbox.data",
        "idempotency_key.body",
    }
    for place in SEALED:
        assert isinstance(inspect(place.model).columns[place.column.key].type, LargeBinary) != (
            place.in_json
        )


def _written(tree: ast.AST) -> list[tuple[str, ast.expr]]:
    """What is put into columns called `…_sealed`: by assignment, as an argument, in a dict."""
    found: list[tuple[str, ast.expr]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                names = [one.attr for one in targets if isinstance(one, ast.Attribute)]
                found += [(name, value) for name in names]
            case ast.keyword(arg=str(name), value=value):
                found.append((name, value))
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        found.append((key.value, value))
    return [(name, value) for name, value in found if name.endswith("_sealed")]


def _is_sealed_for(name: str, value: ast.expr) -> bool:
    """Nothing, or something sealed here for the column of this name."""
    match value:
        case ast.Constant(value=None):
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _is_sealed_for(name, body) and _is_sealed_for(name, orelse)
        case ast.Call(func=ast.Name(id="ToSeal")):
            return True
        case ast.Call(func=ast.Attribute(attr="seal"), args=[ast.Attribute(attr=column), _, _]):
            return column == name
    return False


def test_what_is_written_to_a_sealed_column_was_sealed_for_it() -> None:
    """Copied bytes would be refused when they are read; here they are refused before that."""
    looked_at, wrong = 0, []
    for path in Path(backend.__path__[0]).rglob("*.py"):
        for name, value in _written(ast.parse(path.read_text("utf-8"))):
            looked_at += 1
            if not _is_sealed_for(name, value):
                wrong.append(f"{path.name}:{value.lineno} {ast.unparse(value)}")
    assert looked_at > 15
    assert wrong == []


def test_the_test_above_sees_a_copy_and_another_column() -> None:
    for line in (
        "person.name_sealed = owner.name_sealed",
        "Person(name_sealed=cipher.seal(Owner.phone_sealed, row, name))",
        "values = {'text_sealed': sealed}",
    ):
        ((name, value),) = _written(ast.parse(line))
        assert not _is_sealed_for(name, value), line
