"""Connections and sessions."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker


def make_engine(url: str, pool_size: int = 5) -> Engine:
    """An engine with a small pool of checked connections; its errors quote no personal data."""
    return create_engine(
        url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True, hide_parameters=True
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose records stay readable after commit; nothing loads behind one's back."""
    return sessionmaker(engine, expire_on_commit=False)
