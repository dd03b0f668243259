"""The form of a lift's token: one, wherever it is read."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.tokens import ALPHABET, RANDOM_BYTES, TOKEN_LENGTH, is_token, token_text

CODES = Path(__file__).parents[2] / "miniprogram_stub" / "lib" / "codes.ts"


@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_whatever_is_issued_is_a_token_and_in_capitals_is_none(random: bytes) -> None:
    token = token_text(random)
    assert is_token(token)
    assert token.isdigit() or not is_token(token.upper())


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "i" * 26, "0" * 26 + "\n", "０" * 26])
def test_what_was_never_issued_is_no_token(text: str) -> None:
    assert not is_token(text)


def test_the_mini_program_knows_the_same_form() -> None:
    found = re.search(r"const TOKEN = /\^(.*)\{(\d+)\}\$/", CODES.read_text(encoding="utf-8"))
    assert found is not None
    one, length = re.compile(found[1]), int(found[2])
    assert "".join(sorted(filter(one.fullmatch, map(chr, range(0x10000))))) == ALPHABET
    assert length == TOKEN_LENGTH
