"""A phone that the platform vouches for binds the roster; one that was typed proves nothing."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused, refuse
from backend.domain.personal import masked_phone
from backend.services.base.context import Context
from backend.services.base.own_words import keep_phone, name_of, phone_of
from backend.services.people import phones, roster, whoami
from backend.store.audit import AuditEntry
from backend.store.people import OwnerVerification, Person, PhoneTry
from backend.store.registry import Owner
from tests.build.in_parts import verify_phone
from tests.build.looking import codes
from tests.build.no_platform import NoPlatform
from tests.build.village import Village

PHONE = "13800000001"
ABROAD = "+852 51000001"


class Phones(NoPlatform):
    """The platform, for which a code is good for one number."""

    def __init__(self, numbers: Mapping[str, str]) -> None:
        self.numbers = dict(numbers)

    def phone_number(self, code: str) -> str:
        if code not in self.numbers:
            raise refuse("phone_code_invalid", "手机号凭证无效或已用过。", "code")
        return self.numbers.pop(code)


@pytest.fixture
def ctx(ctx: Context) -> Context:
    numbers = {f"code{n}": PHONE for n in range(3)}
    return replace(ctx, platform=Phones({**numbers, "abroad": ABROAD, "nonsense": "+852 1"}))


def on_roster(
    village: Village, entry_id: UUID | None = None, phone: str = PHONE, free: bool = True
) -> None:
    """The roster has this phone for an owner, the first unless given."""
    with village.ctx.sessions() as tx:
        owner = tx.get_one(Owner, entry_id or village.owners[0])
        keep_phone(village.ctx.cipher, owner, phone)
        owner.person_id = None if free else owner.person_id
        tx.commit()


def owner(village: Village, number: int = 0) -> Owner:
    with village.ctx.sessions() as tx:
        return tx.get_one(Owner, village.owners[number])


def test_the_same_phone_on_the_roster_binds_the_flat(village: Village, ctx: Context) -> None:
    on_roster(village)
    who = village.actor("stranger")
    kept = verify_phone(ctx, who, "code0")
    assert (kept.phone_masked, kept.verified) == ("138****0001", True)
    assert [home.room for home in kept.homes] == ["101"]
    assert "1处房屋" in kept.message
    assert owner(village).person_id == who.person_id
    assert owner(village).verified_at == village.clock()
    me = whoami.who_am_i(ctx, who)
    assert (me.phone_masked, me.phone_verified, me.name_masked) == ("138****0001", True, "冯**")
    with ctx.sessions() as tx:
        entry = tx.scalars(select(AuditEntry).where(AuditEntry.action == "phone.verify")).one()
        assert PHONE.encode() not in entry.body


def test_a_number_of_hong_kong_binds_as_one_of_the_mainland_does(
    village: Village, ctx: Context
) -> None:
    on_roster(village, phone="+85251000001")
    kept = verify_phone(ctx, village.actor("stranger"), "abroad")
    assert (kept.phone_masked, [home.room for home in kept.homes]) == ("+85****0001", ["101"])


def test_a_number_from_outside_that_the_roster_does_not_have_leads_to_the_name(
    village: Village, ctx: Context
) -> None:
    kept = verify_phone(ctx, village.actor("stranger"), "abroad")
    assert (kept.verified, kept.homes, kept.message) == (True, [], phones.NOT_ON_ROSTER)


def test_every_flat_of_the_same_name_is_bound(village: Village, ctx: Context) -> None:
    on_roster(village)
    with ctx.sessions() as tx:
        first = tx.get_one(Owner, village.owners[0])
        second = tx.get_one(Owner, village.owners[1])
        name = name_of(ctx.cipher, first)
        second.name_sealed = ctx.cipher.seal(Owner.name_sealed, second.id, name)
        keep_phone(ctx.cipher, second, PHONE)
        second.name_hash, second.person_id = first.name_hash, None
        tx.commit()
    kept = verify_phone(ctx, village.actor("stranger"), "code0")
    assert [home.room for home in kept.homes] == ["101", "201"]
    assert "2处房屋" in kept.message


def test_a_number_of_several_people_binds_none_of_them(village: Village, ctx: Context) -> None:
    on_roster(village)
    on_roster(village, village.owners[1])
    kept = verify_phone(ctx, village.actor("stranger"), "code0")
    assert kept.verified
    assert kept.homes == []
    assert kept.message == phones.SEVERAL_NAMES
    assert owner(village, 0).person_id is owner(village, 1).person_id is None


def test_an_entry_that_is_bound_to_somebody_else_stays_theirs(
    village: Village, ctx: Context
) -> None:
    on_roster(village, free=False)
    kept = verify_phone(ctx, village.actor("stranger"), "code0")
    assert (kept.homes, kept.message) == ([], phones.TAKEN_ENTRY)
    assert owner(village).person_id == village.actor("owner0").person_id


def test_a_person_with_another_name_is_not_bound(village: Village, ctx: Context) -> None:
    on_roster(village)
    who = village.actor("stranger")
    roster.open_owner_verification(ctx, who, "E1", "1栋", "1单元", "301", "李四")
    kept = verify_phone(ctx, who, "code0")
    assert (kept.homes, kept.message) == ([], phones.OTHER_NAME)
    assert owner(village).person_id is None


def test_a_claim_that_waits_for_the_same_flat_is_settled_by_it(
    village: Village, ctx: Context
) -> None:
    on_roster(village)
    who = village.actor("stranger")
    verifications = [
        roster.open_owner_verification(ctx, who, "E1", "1栋", "1单元", room, "冯样零")
        for room in ("101", "301")
    ]
    assert len(verify_phone(ctx, who, "code0").homes) == 1
    with ctx.sessions() as tx:
        states = [
            tx.get_one(OwnerVerification, verification).state for verification in verifications
        ]
    assert states == ["verified", "open"]


def test_an_unknown_number_is_kept_and_leads_on_to_the_centre(
    village: Village, ctx: Context
) -> None:
    kept = verify_phone(ctx, village.actor("stranger"), "code0")
    assert (kept.verified, kept.message) == (True, phones.NOT_ON_ROSTER)


def test_two_people_cannot_have_one_number(village: Village, ctx: Context) -> None:
    verify_phone(ctx, village.actor("stranger"), "code0")
    with pytest.raises(Refused) as refused:
        verify_phone(ctx, village.actor("owner1"), "code1")
    assert codes(refused) == ["phone_taken"]
    # Showing it again changes nothing for the one who has it.
    assert verify_phone(ctx, village.actor("stranger"), "code2").verified


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("used", "phone_code_invalid"), ("nonsense", "phone_invalid")],
)
def test_bad_codes_change_nothing(village: Village, ctx: Context, code: str, refusal: str) -> None:
    with pytest.raises(Refused) as refused:
        verify_phone(ctx, village.actor("stranger"), code)
    assert codes(refused) == [refusal]
    assert whoami.who_am_i(ctx, village.actor("stranger")).phone_masked is None


def test_a_typed_number_is_a_contact_and_no_proof(village: Village, ctx: Context) -> None:
    on_roster(village)
    kept = phones.type_phone(ctx, village.actor("stranger"), "+86 138-0000-0001")
    assert (kept.phone_masked, kept.verified, kept.homes) == ("138****0001", False, [])
    assert owner(village).person_id is None
    # Nor does it keep its owner from proving it.
    assert verify_phone(ctx, village.actor("owner1"), "code0").verified


def test_typing_the_proved_number_leaves_it_proved(village: Village, ctx: Context) -> None:
    who = village.actor("stranger")
    verify_phone(ctx, who, "code0")
    assert phones.type_phone(ctx, who, PHONE).verified


def test_a_typed_number_does_not_replace_the_proved_one(village: Village, ctx: Context) -> None:
    who = village.actor("stranger")
    verify_phone(ctx, who, "code0")
    with pytest.raises(Refused) as refused:
        phones.type_phone(ctx, who, "13900000002")
    assert codes(refused) == ["phone_verified_stays"]
    me = whoami.who_am_i(ctx, who)
    assert (me.phone_masked, me.phone_verified) == ("138****0001", True)


def test_codes_that_cost_money_are_few_an_hour_for_each_person(
    village: Village, ctx: Context
) -> None:
    for _ in range(phones.MOST_TRIES):
        with pytest.raises(Refused) as refused:
            verify_phone(ctx, village.actor("stranger"), "made-up")
        assert codes(refused) == ["phone_code_invalid"]
    with pytest.raises(Refused) as refused:
        verify_phone(ctx, village.actor("stranger"), "code0")
    assert (codes(refused), refused.value.kind) == (["phone_tries_used_up"], "too_many")
    assert verify_phone(ctx, village.actor("owner1"), "code0").verified
    with ctx.sessions() as tx:
        for tried in tx.scalars(select(PhoneTry)):
            tried.tried_at -= phones.TRIES_WITHIN
        tx.commit()
    with pytest.raises(Refused) as refused:
        verify_phone(ctx, village.actor("stranger"), "made-up")
    assert codes(refused) == ["phone_code_invalid"]


@pytest.mark.parametrize("phone", ["", "1380000000", "abc", "138000000012345"])
def test_what_is_no_phone_is_refused(village: Village, ctx: Context, phone: str) -> None:
    with pytest.raises(Refused) as refused:
        phones.type_phone(ctx, village.actor("stranger"), phone)
    assert codes(refused) == ["phone_invalid"]


def test_a_phone_is_sealed_and_shown_in_part(village: Village, ctx: Context) -> None:
    verify_phone(ctx, village.actor("stranger"), "code0")
    with ctx.sessions() as tx:
        person = tx.get_one(Person, village.actor("stranger").person_id)
        assert person.phone_sealed
        assert PHONE.encode() not in person.phone_sealed
        assert phone_of(ctx.cipher, person) == PHONE
    assert masked_phone("074312345678") == "074****5678"
