"""Names and phones compare equal however they were typed; tokens carry all their bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.personal import masked_name, masked_phone, normal_name, normal_phone
from backend.domain.tokens import ALPHABET, token_text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" 张 示安 ", "张示安"),
        ("张　示安", "张示安"),
        ("阿依・示古丽", "阿依·示古丽"),
        ("ｊｏｈｎ Shi", "JOHNSHI"),
    ],
)
def test_a_name_is_the_same_however_it_was_typed(typed: str, meant: str) -> None:
    assert normal_name(typed) == normal_name(meant) == meant


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("199 0000 0001", "19900000001"),
        ("１９９０００００００１", "19900000001"),
        ("+86-199-0000-0001", "19900000001"),
        ("008619900000001", "19900000001"),
        ("(0743) 8532500", "07438532500"),
        ("1990000000", None),
        ("12900000001", None),
        ("无", None),
        ("", None),
    ],
)
def test_a_phone_is_the_same_however_it_was_typed(typed: str, digits: str | None) -> None:
    assert normal_phone(typed) == digits


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
