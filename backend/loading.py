"""Modules that are loaded by name, when it is known which of them a program needs."""

import gc
from importlib import import_module
from types import ModuleType


def load(name: str) -> ModuleType:
    """A module and all that it imports, without looking for garbage meanwhile.

    What modules make stays to the end, but the collector would go through it again and again: that
    is a fifth of the time that a worker takes to start.
    """
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.enable()
