"""The key that signs checkpoints of the audit chain: Ed25519, for nothing else."""

from base64 import b64decode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES = 32  # at the end of what openssl writes


class Signer:
    """Signs with the private key of a setting, which it never shows."""

    def __init__(self, private: str) -> None:
        """`private`: what `openssl genpkey -algorithm ed25519 -outform DER | base64` writes."""
        self.__key = Ed25519PrivateKey.from_private_bytes(b64decode(private)[-SEED_BYTES:])

    @property
    def key(self) -> bytes:
        """The public key, 32 bytes."""
        return self.__key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, words: bytes) -> bytes:
        """64 bytes that only this key makes of these words."""
        return self.__key.sign(words)


def signed(key: bytes, signature: bytes, words: bytes) -> bool:
    """Whether the public key (32 bytes) signed these words."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, words)
    except (InvalidSignature, ValueError):
        return False
    return True
