"""Which keys the words of a database are sealed with: the one that seals, and the one before it as
long as something is left of that. Looked at before a program begins to work.
"""

import threading
import time
from collections.abc import Sequence

import psycopg

from backend.config import Settings
from backend.seldom import logger_of
from backend.store.cipher import Cipher

log = logger_of(__name__)

# In use, the newest last.
NOTED = "SELECT fingerprint FROM key_check WHERE retired_at IS NULL ORDER BY noted_at"
UNBOUND = "SELECT coalesce(bool_or(opens_unbound), true) FROM key_check"
ASKED_EVERY_SECONDS = 60
PATIENCE_SECONDS = 5

ANOTHER_KEY = (
    "TIBAO_SECRET_KEY: 不是这个数据库的密钥，用它打不开已有的数据，请换回原来的密钥 / "
    "not the key of this database, whose words it cannot open: use the one it had"
)
NOT_NOTED = (
    "TIBAO_SECRET_KEY: 新密钥还没有登记，请停止程序后运行 tibao migrate / "
    "the new key is not noted yet: stop the programs and run tibao migrate"
)
OLD_ONE_MISSES = (
    "TIBAO_OLD_SECRET_KEY: 还有数据是用上一个密钥加密的，请填上它，直到 tibao keys rotate 完成 / "
    "words of the key before are left: set it until tibao keys rotate is done"
)
TWO_IN_USE = (
    "TIBAO_SECRET_KEY: 上一次更换密钥还没有完成，请先运行 tibao keys rotate 直到全部完成 / "
    "two keys are in use already: finish tibao keys rotate first"
)
RETIRED = (
    "TIBAO_SECRET_KEY: 这个密钥已经停用，不能再用，请另做一个 / "
    "this key was retired: make a new one"
)
SWAPPED = (
    "TIBAO_SECRET_KEY: 这是旧密钥，新密钥已经登记，请填新的，旧的填在 TIBAO_OLD_SECRET_KEY / "
    "the old key: set the newer one here and this one as TIBAO_OLD_SECRET_KEY"
)


def make_cipher(settings: Settings) -> Cipher:
    """The cipher of these settings; opens no connection yet."""
    secret, old_secret = settings.secret_key, settings.old_secret_key
    return Cipher(
        secret.get_secret_value(),
        old_secret.get_secret_value(),
        unbound=MayBeUnbound(settings.database_url),
    )


def fault(cipher: Cipher, noted: Sequence[bytes]) -> str | None:
    """Why a program with these keys must not work on a database that has noted those (the newest
    last), in a sentence; None when it may. An empty database takes every key."""
    if not noted:
        return None
    seals, *before = cipher.fingerprints
    if seals != noted[-1]:
        if seals in noted:
            return SWAPPED
        return NOT_NOTED if noted[-1] in before else ANOTHER_KEY
    return None if set(noted) <= set(cipher.fingerprints) else OLD_ONE_MISSES


class MayBeUnbound:
    """Whether a database may still hold values of the form that is bound to no place.

    Asked when one is met, over a connection of its own, and once a minute at most; when they are
    over, they stay so.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url.replace("+psycopg", "", 1)
        self._lock = threading.Lock()
        self._may, self._asked_at = True, -float("inf")

    def __call__(self) -> bool:
        """Raises nothing: of a database that is away, nothing is opened."""
        with self._lock:
            if self._may and time.monotonic() >= self._asked_at + ASKED_EVERY_SECONDS:
                try:
                    self._may = self._ask()
                except psycopg.OperationalError:
                    log.warning("the database is away; a value of the old form was not opened")
                    return False
                self._asked_at = time.monotonic()
            return self._may

    def _ask(self) -> bool:
        with psycopg.connect(self._url, connect_timeout=PATIENCE_SECONDS) as connection:
            row = connection.execute(UNBOUND).fetchone()
        return bool(row and row[0])
