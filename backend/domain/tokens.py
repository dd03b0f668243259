"""The token in a lift's QR code: 128 random bits in letters that survive being read aloud."""

import re
from urllib.parse import unquote

# Digits and lower-case letters without i, l, o and u, which are taken for others.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
RANDOM_BYTES = 16
TOKEN_LENGTH = 26

# The one form of a token, also as a part of other patterns: capital letters make no token.
FORM = f"[{ALPHABET}]{{{TOKEN_LENGTH}}}"
TOKEN = re.compile(FORM)


def is_token(text: str) -> bool:
    """Whether this could be a lift's token, wherever it came from: a scan, a link, a chat."""
    return TOKEN.fullmatch(text) is not None


def meant(code: str) -> str:
    """What an address names, without what apps put behind it: a stroke, `?from=…`, an encoding.

    The mini-program reads codes the same way (`lib/codes.ts`).
    """
    return re.split(r"[?&#]", unquote(unquote(code)), maxsplit=1)[0].rstrip("/")


def token_text(random: bytes) -> str:
    """Write 16 random bytes as 26 characters (five bits each, leading zeros kept).

    Raises ValueError for any other number of bytes.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a token is made of {RANDOM_BYTES} bytes, not {len(random)}")
    bits = int.from_bytes(random, "big")
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(TOKEN_LENGTH)))
