"""Connections and sessions."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker


def make_engine(url: str, pool_size: int = 5) -> Engine:
    """An engine with a small pool of checked connections; its errors quote no personal data."""
    return create_engine(
        url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True, hide_parameters=True
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose records stay readable after commit; nothing loads behind one's back.

    A session that was closed stays so: used after its block it raises, where it would otherwise
    begin anew and hold a connection that nobody gives back.
    """
    return sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
