"""Modules that are loaded by name, when it is known which of them a program needs."""

import atexit
import gc
from importlib import import_module
from types import ModuleType

atexit.register(gc.unfreeze)  # whatever wants to be cleaned up at the end still is


def load(name: str) -> ModuleType:
    """A module and all that it imports, without looking for garbage meanwhile.

    What modules make stays to the end, but the collector would go through it again and again: that
    is a fourth of the time that a worker takes to start. It looks once, since the API's models
    leave six megabytes behind, and passes over the rest from now on.
    """
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
