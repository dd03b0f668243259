"""How much of names and phones is shown; tokens carry all their bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.personal import masked_name, masked_phone
from backend.domain.tokens import ALPHABET, token_text


def test_a_masked_phone_keeps_its_beginning_and_its_end() -> None:
    assert masked_phone("19900005678") == "199****5678"


def test_a_masked_name_hides_its_length() -> None:
    assert masked_name("张示安") == masked_name("张三") == "张**"


@given(st.binary(min_size=16, max_size=16))
def test_a_token_keeps_every_bit(raw: bytes) -> None:
    token = token_text(raw)
    bits = 0
    for letter in token:
        bits = bits * 32 + ALPHABET.index(letter)
    assert len(token) == 26
    assert bits.to_bytes(16, "big") == raw


def test_a_token_is_made_of_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        token_text(b"short")
