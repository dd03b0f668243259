"""A third city, by one file: ten days' notice, no committee asked, the owners vote."""

from pathlib import Path

from backend.domain.city.parse import parse_city
from backend.domain.city.schema import CityProfile

TEXT = (Path(__file__).parents[1] / "data" / "yunxi.toml").read_text("utf-8")
YUNXI: CityProfile = parse_city(TEXT)
