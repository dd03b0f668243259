"""Commands on the test's own database."""

from pathlib import Path

import pytest


@pytest.fixture
def environment(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands find this test's database."""
    monkeypatch.setenv("TIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("TIBAO_REDIS_URL", redis_url)
    monkeypatch.setenv("TIBAO_DATA_DIR", str(tmp_path / "data"))
