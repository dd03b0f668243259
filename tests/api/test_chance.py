"""What nobody may guess is long, and of the system's own chance."""

import secrets
from base64 import urlsafe_b64decode
from collections.abc import Callable

import pytest

from backend.services.base.context import Context
from backend.services.public.lift_tokens import issue_token
from tests.build.calling import SignIn
from tests.build.village import Village


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Whatever is drawn from the system."""
    found: list[bytes] = []
    draw: Callable[[int], bytes] = secrets.token_bytes

    def keep(length: int) -> bytes:
        found.append(draw(length))
        return found[-1]

    monkeypatch.setattr(secrets, "token_bytes", keep)
    return found


def test_the_token_of_a_session_is_256_random_bits(sign_in: SignIn, drawn: list[bytes]) -> None:
    """The emulator draws its codes here too."""
    tokens = {urlsafe_b64decode(f"{sign_in('张三').token}=") for _ in range(3)}
    assert tokens <= set(drawn)
    assert {len(bits) * 8 for bits in tokens} == {256}
    assert len(tokens) == 3


def test_the_code_of_a_lift_is_128_random_bits(
    ctx: Context, village: Village, drawn: list[bytes]
) -> None:
    for _ in range(3):
        issue_token(ctx, village.actor("clerk"), village.lifts[0], "遗失")
    assert {len(bits) * 8 for bits in drawn} == {128}
    assert len(set(drawn)) == 3
