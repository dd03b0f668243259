"""Codes, numbers and phrases with which people are let in at the desk."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.domain import desk_accounts, invitations
from backend.domain.desk_accounts import (
    ALPHABET,
    CODE_LASTS,
    STATUS_NAMES,
    AccountStatus,
    as_made,
    in_fours,
    secret_of,
    status_of,
)

AT = datetime(2025, 3, 1, tzinfo=UTC)
SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS)
def test_a_secret_is_sixteen_letters_that_nobody_mistakes_however_it_is_typed(seed: bytes) -> None:
    secret = secret_of(seed)
    assert len(secret) == 16
    assert set(secret) <= set(ALPHABET)
    assert not set(secret) & set("01OI")
    fours = in_fours(secret)
    for typed in (secret.lower(), fours, fours.replace(" ", "-"), f" {secret}\t"):
        assert as_made(typed) == secret


def test_every_letter_is_as_likely_as_any_other() -> None:
    assert len(set(ALPHABET)) == 32
    assert 256 % len(ALPHABET) == 0


@given(SEEDS)
def test_numbers_have_their_digits_with_leading_noughts(seed: bytes) -> None:
    assert len(invitations.number_of(seed)) == 4
    assert len(desk_accounts.number_of(seed)) == 8
    assert (invitations.number_of(seed) + desk_accounts.number_of(seed)).isdecimal()


def test_an_invitation_lasts_a_day_and_not_a_moment_longer() -> None:
    assert not invitations.is_over(AT, AT + invitations.LASTS - timedelta(microseconds=1))
    assert invitations.is_over(AT, AT + invitations.LASTS)


def test_an_account_stands_where_its_newest_invitation_led() -> None:
    def stands(*, begun: bool, has_passphrase: bool, after: timedelta) -> AccountStatus:
        return status_of(begun=begun, has_passphrase=has_passphrase, invited_at=AT, now=AT + after)

    late = CODE_LASTS
    assert stands(begun=False, has_passphrase=False, after=timedelta(0)) is AccountStatus.INVITED
    assert stands(begun=False, has_passphrase=False, after=late) is AccountStatus.OVER
    assert stands(begun=True, has_passphrase=False, after=late) is AccountStatus.BEGUN
    assert stands(begun=True, has_passphrase=True, after=late) is AccountStatus.IN_USE
    assert STATUS_NAMES.keys() == set(AccountStatus)
    assert invitations.STATE_NAMES.keys() == set(invitations.InvitationState)
