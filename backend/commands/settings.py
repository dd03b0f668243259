"""The settings as commands read them."""

from backend.config import BadSettings, Settings, load_settings
from backend.explain_cli import BadArguments


def settings() -> Settings:
    """The settings, or one line that says which one is wrong."""
    try:
        return load_settings()
    except BadSettings as problem:
        raise BadArguments(str(problem)) from None
