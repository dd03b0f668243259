"""The city files that travel with the package: `backend/cities/<code>.toml`."""

from importlib.resources import files

from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city
from backend.domain.city.schema import CityProfile
from backend.domain.errors import refuse


def city_codes() -> list[str]:
    """The codes of all cities there are, sorted."""
    names = (entry.name for entry in files("backend.cities").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_city(code: str) -> CityProfile:
    """Read and check one city's file.

    Raises Refused (`city_unknown`) for a code without a file, BadCity for a file with mistakes.
    """
    known = city_codes()
    if code not in known:
        message = f"没有城市“{code[:40]}”，可选：{'、'.join(known)}。"
        raise refuse("city_unknown", message, "city", kind="missing")
    profile = parse_city(files("backend.cities").joinpath(f"{code}.toml").read_text("utf-8"))
    if profile.code != code:
        raise BadCity([f"code：文件名是 {code}.toml，里面写的是 {profile.code}"])
    return profile
