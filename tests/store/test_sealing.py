"""Sealed words: nobody reads them without the key, and nobody changes them unnoticed."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from backend.store.cipher import Cipher

CIPHER = Cipher("a secret for tests only, long enough")
OTHER = Cipher("another secret for tests, long enough")

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(words)
def test_what_was_sealed_is_opened_and_looks_different_each_time(text: str) -> None:
    first, second = CIPHER.seal(text), CIPHER.seal(text)
    assert CIPHER.open(first) == CIPHER.open(second) == text
    assert first != second


@given(words.filter(lambda text: len(text.encode()) > 3))
def test_nothing_of_the_words_shows(text: str) -> None:
    assert text.encode() not in CIPHER.seal(text)


@given(words, st.data())
def test_one_changed_bit_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(CIPHER.seal(text))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises((InvalidTag, ValueError)):
        CIPHER.open(bytes(sealed))


@given(words, st.integers(0, 100))
def test_what_is_cut_off_is_noticed(text: str, kept: int) -> None:
    sealed = CIPHER.seal(text)
    with pytest.raises((InvalidTag, ValueError)):
        CIPHER.open(sealed[: min(kept, len(sealed) - 1)])


@given(words)
def test_another_key_opens_nothing_and_finds_nobody(text: str) -> None:
    with pytest.raises((InvalidTag, ValueError)):
        OTHER.open(CIPHER.seal(text))
    assert OTHER.digest("name", text) != CIPHER.digest("name", text)


@given(words)
def test_a_hash_is_of_one_kind_and_of_256_bits(text: str) -> None:
    kinds = {CIPHER.digest(kind, text) for kind in ("name", "phone", "session")}
    assert {len(digest) for digest in kinds} == {32}
    assert len(kinds) == 3
