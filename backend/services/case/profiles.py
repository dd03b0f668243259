"""The city's rules for a case: the version it began with, however the city file changed since."""

from functools import lru_cache

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.city.kept import parse_kept
from backend.domain.city.schema import CityProfile
from backend.services.base.context import Context
from backend.store.city import CityProfileRecord
from backend.store.purchases import Purchase

parse_once = lru_cache(maxsize=16)(parse_kept)


def remember_profile(tx: Session, ctx: Context) -> str:
    """Keep the text of the rules in force, once per version; returns the version."""
    tx.execute(
        insert(CityProfileRecord)
        .values(
            version=ctx.city.version, code=ctx.city.code, text=ctx.city.text, loaded_at=ctx.clock()
        )
        .on_conflict_do_nothing()
    )
    return ctx.city.version


def profile_of(tx: Session, ctx: Context, purchase: Purchase) -> CityProfile:
    """The rules this case began with."""
    if purchase.profile_version == ctx.city.version:
        return ctx.city
    return parse_once(tx.get_one(CityProfileRecord, purchase.profile_version).text)
