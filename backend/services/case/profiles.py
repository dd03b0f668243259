"""The city's rules for a case: the version it began with, however the city file changed since."""

from functools import lru_cache

from sqlalchemy import exists, select
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


def profiles_in_use(tx: Session, ctx: Context) -> list[CityProfile]:
    """The rules in force, and every earlier version of them that some case goes by."""
    used = exists().where(Purchase.profile_version == CityProfileRecord.version)
    earlier = CityProfileRecord.version != ctx.city.version
    texts = tx.scalars(select(CityProfileRecord.text).where(used, earlier))
    return [ctx.city, *(parse_once(text) for text in texts)]


def profile_of(tx: Session, ctx: Context, purchase: Purchase) -> CityProfile:
    """The rules this case began with."""
    if purchase.profile_version == ctx.city.version:
        return ctx.city
    return parse_once(tx.get_one(CityProfileRecord, purchase.profile_version).text)
