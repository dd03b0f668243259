"""A city whose value-added income is the households': one file, as an operator would write it."""

import re

from backend.domain.city.parse import parse_city
from backend.domain.city.schema import CityProfile
from backend.store.city_files import load_city


def household_city() -> CityProfile:
    """The file of Jishou, with the income given to the households, and so without R1."""
    text = load_city("jishou").text
    text, modes = re.subn(r'mode = \{ value = "pooled"', 'mode = { value = "household"', text)
    text, routes = re.subn(r"\[routes\.R1\]\n.*?\n(?=\[)", "", text, flags=re.DOTALL)
    assert (modes, routes) == (1, 1)
    return parse_city(text)
