"""People who have no WeChat at work (没有微信的人员): what they sign in to the desk with. Pure.

Two factors hold without the phone of the platform: a passphrase that the house makes, which people
know, and an authenticator, which they have. Everything here is ours: 等保 of the third level asks
for two kinds of proof and for an answer to wrong ones, and names no figures.
"""

from datetime import datetime, timedelta
from enum import StrEnum

CODE_LASTS = timedelta(days=1)
NUMBER_DIGITS = 8
# What nobody mistakes for another when it is read out or copied by hand: 32 of them, 5 bits each.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SECRET_LETTERS, IN_FOURS = 16, 4
NOTED = (
    4  # letters at the end of the passphrase that are asked for, to see that it was written down
)
TRIES = 5  # wrong ones of a person one after the other, and they are kept out
ADDRESS_TRIES, ADDRESS_WITHIN = 20, timedelta(hours=1)


class AccountStatus(StrEnum):
    """Where somebody without WeChat stands."""

    INVITED = "invited"
    OVER = "over"
    BEGUN = "begun"
    IN_USE = "in_use"


STATUS_NAMES = {
    AccountStatus.INVITED: "等本人第一次登录",
    AccountStatus.OVER: "邀请码已过期",
    AccountStatus.BEGUN: "用过邀请码，没有绑定验证器",
    AccountStatus.IN_USE: "已启用",
}


def status_of(
    *, begun: bool, has_passphrase: bool, invited_at: datetime, now: datetime
) -> AccountStatus:
    """Where an account stands, by what is kept of it."""
    if has_passphrase:
        return AccountStatus.IN_USE
    if begun:
        return AccountStatus.BEGUN
    return AccountStatus.OVER if now >= invited_at + CODE_LASTS else AccountStatus.INVITED


def number_of(seed: bytes) -> str:
    """The number under which a person signs in: it says nothing of them, and is hard to guess."""
    return str(int.from_bytes(seed[:8]) % 10**NUMBER_DIGITS).zfill(NUMBER_DIGITS)


def secret_of(seed: bytes) -> str:
    """Sixteen letters of a seed of 32 bytes: eighty bits, as long as the seed is as good."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in seed[:SECRET_LETTERS])


def in_fours(secret: str) -> str:
    """The same as people write it down."""
    parts = (secret[at : at + IN_FOURS] for at in range(0, len(secret), IN_FOURS))
    return " ".join(parts)


def as_made(typed: str) -> str:
    """What was typed as it was made: blanks, hyphens and case make no difference."""
    return "".join(typed.split()).replace("-", "").upper()
