"""The city's rules for a case: the version it began with, however the city file changed since."""

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.city.kept import parse_kept
from backend.domain.city.schema import CityProfile
from backend.services.base.context import Context
from backend.store.city import CityProfileRecord
from backend.store.purchases import Purchase

# The rules of each version that was asked for; a version is the hash of what they say.
KNOWN: dict[str, CityProfile] = {}


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
    records = tx.scalars(select(CityProfileRecord).where(used, earlier))
    return [ctx.city, *map(_parsed, records)]


def profile_of(tx: Session, ctx: Context, purchase: Purchase) -> CityProfile:
    """The rules this case began with."""
    return profile_at(tx, ctx, purchase.profile_version)


def profile_at(tx: Session, ctx: Context, version: str) -> CityProfile:
    """The rules of this version, by which some case goes."""
    if version == ctx.city.version:
        return ctx.city
    return KNOWN.get(version) or _parsed(tx.get_one(CityProfileRecord, version))


def _parsed(record: CityProfileRecord) -> CityProfile:
    if record.version not in KNOWN:
        KNOWN[record.version] = parse_kept(record.text)
    return KNOWN[record.version]
