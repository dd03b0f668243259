"""A town's database and files, and the shell of whoever minds them."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import make_url

from backend.local.postgres import BINARIES
from backend.local.valkey import redis_url

TIBAO = Path(sys.executable).parent


class Town:
    """A database, a folder, and the shell of whoever minds them."""

    def __init__(
        self, url: str, owner_url: str, folder: Path, backup: Path, valkey_port: int
    ) -> None:
        at = make_url(owner_url)
        self.folder = folder
        self._beside = backup
        self._env = {
            "PATH": f"{TIBAO}:{BINARIES}:{os.environ['PATH']}",
            "PGHOST": str(at.host),
            "PGPORT": str(at.port),
            "PGUSER": str(at.username),
            "DATABASE": owner_url.replace("+psycopg", ""),
            "TIBAO_DATABASE_URL": url,
            "TIBAO_OWNER_DATABASE_URL": owner_url,
            "TIBAO_DATA_DIR": str(folder),
            "TIBAO_REDIS_URL": redis_url(valkey_port),
        }
        folder.mkdir(exist_ok=True)

    def has_the_key(self, secret: str, old_secret: str = "") -> None:
        """The town's secret is not the sandbox's own; while it is changed, the one before."""
        self._env["TIBAO_SECRET_KEY"] = secret
        self._env["TIBAO_OLD_SECRET_KEY"] = old_secret

    def knows(self, name: str, value: str) -> None:
        """One more word in the shell's environment."""
        self._env[name] = value

    def refused(self, commands: str) -> str:
        """What commands that must fail say of it."""
        ended = self._ended(commands)
        assert ended.returncode == 2, ended.stdout + ended.stderr
        return ended.stderr

    def run(self, commands: str) -> str:
        """What the commands print; each must succeed."""
        ended = self._ended(commands)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def _ended(self, commands: str) -> "subprocess.CompletedProcess[str]":
        words = ["bash", "-euo", "pipefail", "-c", commands]
        return subprocess.run(
            words, cwd=self._beside, env=self._env, check=False, capture_output=True, text=True
        )

    def books(self) -> tuple[str, str, str]:
        """The chain, the files and the ledger, as auditors check them."""
        commands = ("audit verify", "audit files", "trial-balance")
        chain, files, ledger = (self.run(f"tibao {words} --json") for words in commands)
        return chain, files, ledger
