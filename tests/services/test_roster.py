"""The centre binds people to the roster; whoever asks learns nothing from it."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base import access
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.people import grants, roster
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.templates import write_workbook
from backend.store.audit import AuditEntry
from backend.store.people import OwnerVerification, Person
from backend.store.registry import Estate, Owner
from tests.build.clock import ManualClock
from tests.build.proving import proved
from tests.build.workbooks import PAPER

HOME = ("TEST-01", "1栋", "1单元", "101")
SHARED = ("TEST-01", "1栋", "1单元", "102")


@pytest.fixture(autouse=True)
def estate_id(ctx: Context) -> UUID:
    rows: dict[str, list[list[Any]]] = {
        "小区": [["TEST-01", "测试小区", "测试路1号", "测试街道", "测试物业", None, None]],
        "楼栋单元": [["1栋", "1单元"]],
        "房屋业主": [
            ["1栋", "1单元", "101", 89, "张示安", "19900000001"],
            ["1栋", "1单元", "102", 89, "李示宁、张示安", "19900000002、无"],
        ],
        "电梯": [["TEST000001", "1栋", "1单元", "1号梯", None, "2015-06-01", None, None, None]],
        "业委会": [["2024-07-01", "2027-06-30", "张示安", "主任", "19900000001", "否", None]],
    }
    assert import_registry(
        ctx, write_workbook(REGISTRY_SHEETS, rows), dry_run=False, mandate_paper=PAPER
    ).applied
    with ctx.sessions() as tx:
        return tx.scalars(select(Estate.id)).one()


def newcomer(ctx: Context, role: Role | None = None) -> Actor:
    with ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.commit()
    if role:
        grants.grant(ctx, None, person.id, role)
    return proved(person.id)


@pytest.fixture
def clerk(ctx: Context) -> Actor:
    return newcomer(ctx, Role.CLERK)


def roles(ctx: Context, actor: Actor, estate_id: UUID) -> frozenset[Role]:
    with ctx.sessions() as tx:
        return access.roles_in_estate(tx, ctx, actor, estate_id)


def test_an_owner_is_bound_once_the_centre_has_checked(
    ctx: Context, clerk: Actor, estate_id: UUID
) -> None:
    someone = newcomer(ctx)
    verification_id = roster.open_owner_verification(ctx, someone, *HOME, "张 示安")
    assert roles(ctx, someone, estate_id) == frozenset()
    (verification,) = roster.open_verifications(ctx, clerk)
    assert (verification.place, verification.masked_name) == ("测试小区1栋1单元101", "张**")
    assert (verification.on_roster, verification.taken) == (True, False)
    roster.close_verification(ctx, clerk, verification_id, verified=True, reason="核对产权证原件")
    assert roles(ctx, someone, estate_id) == {Role.OWNER}
    assert roster.open_verifications(ctx, clerk) == []
    with ctx.sessions() as tx:
        owner = tx.scalars(select(Owner).where(Owner.person_id == someone.person_id)).one()
        assert (owner.verified_by, owner.verified_at) == (clerk.person_id, ctx.clock())


def test_a_committee_member_is_bound_once_the_centre_has_checked(
    ctx: Context, clerk: Actor, estate_id: UUID
) -> None:
    someone = newcomer(ctx)
    verification_id = roster.open_member_verification(ctx, someone, "TEST-01", "张示安")
    (verification,) = roster.open_verifications(ctx, clerk)
    assert (verification.place, verification.on_roster) == ("测试小区业委会", True)
    roster.close_verification(ctx, clerk, verification_id, verified=True, reason="备案名册")
    assert roles(ctx, someone, estate_id) == {Role.COMMITTEE_MEMBER}
    with pytest.raises(Refused, match="already_verified"):
        roster.open_member_verification(ctx, someone, "TEST-01", "张示安")


def test_right_and_wrong_names_look_the_same_to_whoever_asks(ctx: Context, clerk: Actor) -> None:
    right = roster.open_owner_verification(ctx, newcomer(ctx), *HOME, "张示安")
    wrong = roster.open_owner_verification(ctx, newcomer(ctx), *HOME, "王示和")
    assert type(right) is type(wrong) is UUID
    assert [verification.on_roster for verification in roster.open_verifications(ctx, clerk)] == [
        True,
        False,
    ]
    with pytest.raises(Refused, match="name_not_on_roster"):
        roster.close_verification(ctx, clerk, wrong, verified=True, reason="产权证")


FIELD = json.loads(
    (Path(__file__).parents[1] / "data" / "from_the_field" / "claims.json").read_text("utf-8")
)


def bring_estate(ctx: Context, room: str, names: str) -> None:
    """The estate of the field's claims, with one flat and its owners."""
    place = [FIELD["roster"]["building"], FIELD["roster"]["unit"]]
    lift = ["CASE3110000001", *place, "1号梯", None, "2015-06-01", None, None, None]
    rows: dict[str, list[list[Any]]] = {
        "小区": [[FIELD["roster"]["estate_code"], "例样小区", "例样路", "街道", None, None, None]],
        "楼栋单元": [place],
        "房屋业主": [[*place, room, 89, names, None]],
        "电梯": [lift],
    }
    assert import_registry(
        ctx, write_workbook(REGISTRY_SHEETS, rows), dry_run=False, mandate_paper=PAPER
    ).applied


@pytest.mark.parametrize("case", FIELD["places"], ids=lambda case: case["typed"]["room"])
def test_a_flat_is_found_as_the_field_types_it(ctx: Context, case: dict[str, Any]) -> None:
    bring_estate(ctx, FIELD["roster"]["room"], "冯样一")
    typed = {**FIELD["roster"], **case["typed"]}
    place = (typed["estate_code"], typed["building"], typed["unit"], typed["room"])
    if case["expected"].startswith("found"):
        roster.open_owner_verification(ctx, newcomer(ctx), *place, "冯样一")
    else:
        with pytest.raises(Refused) as refused:
            roster.open_owner_verification(ctx, newcomer(ctx), *place, "冯样一")
        assert refused.value.refusals[0].code == case["expected"]


@pytest.mark.parametrize("case", FIELD["names"], ids=lambda case: case["typed"])
def test_a_name_binds_as_the_field_types_it(
    ctx: Context, clerk: Actor, case: dict[str, str]
) -> None:
    bring_estate(ctx, "101", case["roster"])
    someone, place = newcomer(ctx), ("case-0001", "１号楼", "一单元", "101室")
    claimed = roster.open_owner_verification(ctx, someone, *place, case["typed"])
    (waiting,) = roster.open_verifications(ctx, clerk)
    expected = case["expected"].startswith("on_roster true")
    assert waiting.on_roster == expected
    if expected:
        roster.close_verification(ctx, clerk, claimed, verified=True, reason="核对产权证原件")
        with ctx.sessions() as tx:
            owner = tx.scalars(select(Owner).where(Owner.person_id == someone.person_id)).one()
            assert name_of(ctx.cipher, owner) == case["roster"]


def test_one_roster_entry_binds_one_person(ctx: Context, clerk: Actor, estate_id: UUID) -> None:
    first, second = newcomer(ctx), newcomer(ctx)
    verifications = [
        roster.open_owner_verification(ctx, actor, *HOME, "张示安") for actor in (first, second)
    ]
    roster.close_verification(ctx, clerk, verifications[0], verified=True, reason="产权证")
    (left,) = roster.open_verifications(ctx, clerk)
    assert left.taken
    with pytest.raises(Refused, match=r"already_bound: .*一个条目只能绑定一人"):
        roster.close_verification(ctx, clerk, verifications[1], verified=True, reason="产权证")
    roster.close_verification(ctx, clerk, verifications[1], verified=False, reason="条目已绑定他人")
    assert roles(ctx, first, estate_id) == {Role.OWNER}
    assert roles(ctx, second, estate_id) == frozenset()


def test_the_same_claim_twice_is_one(ctx: Context) -> None:
    someone = newcomer(ctx)
    first = roster.open_owner_verification(ctx, someone, *HOME, "张示安")
    assert roster.open_owner_verification(ctx, someone, *HOME, "张示安") == first
    assert roster.open_owner_verification(ctx, someone, *SHARED, "张示安") != first


def test_a_name_under_check_cannot_be_swapped(ctx: Context, clerk: Actor) -> None:
    someone = newcomer(ctx)
    verification_id = roster.open_owner_verification(ctx, someone, *HOME, "张示安")
    with pytest.raises(Refused, match="name_differs"):
        roster.open_owner_verification(ctx, someone, *SHARED, "李示宁")
    roster.close_verification(ctx, clerk, verification_id, verified=False, reason="资料不全")
    again = roster.open_owner_verification(ctx, someone, *SHARED, "李示宁")
    roster.close_verification(ctx, clerk, again, verified=True, reason="产权证")
    with pytest.raises(Refused, match="name_differs"):
        roster.open_owner_verification(ctx, someone, *HOME, "张示安")


def test_a_look_at_the_full_name_is_in_the_audit_chain(ctx: Context, clerk: Actor) -> None:
    verification_id = roster.open_owner_verification(ctx, newcomer(ctx), *HOME, "张示安")
    with pytest.raises(Refused, match="text_required"):
        roster.unmask(ctx, clerk, verification_id, "  ")
    seen = roster.unmask(ctx, clerk, verification_id, "核对身份证")
    assert (seen.name, seen.roster_phone) == ("张示安", "19900000001")
    with ctx.sessions() as tx:
        entry = tx.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (entry.action, entry.subject_id) == ("owner_verification.unmask", str(verification_id))
    assert entry.actor_id == clerk.person_id
    assert "核对身份证" in json.dumps(json.loads(entry.body), ensure_ascii=False)


def test_no_personal_data_reaches_the_claim_or_the_chain(ctx: Context, clerk: Actor) -> None:
    verification_id = roster.open_owner_verification(ctx, newcomer(ctx), *HOME, "张示安")
    roster.close_verification(ctx, clerk, verification_id, verified=True, reason="产权证")
    with ctx.sessions() as tx:
        bodies = b"".join(tx.scalars(select(AuditEntry.body)))
        person = tx.scalars(select(Person).where(Person.name_sealed.is_not(None))).one()
        assert name_of(ctx.cipher, person) == "张示安"
    assert "张示安" not in bodies.decode()


def test_only_clerks_handle_claims_and_never_their_own(ctx: Context, clerk: Actor) -> None:
    someone, reviewer = newcomer(ctx), newcomer(ctx, Role.REVIEWER)
    verification_id = roster.open_owner_verification(ctx, someone, *HOME, "张示安")
    for actor, code in ((someone, "not_found"), (reviewer, "role_required")):
        with pytest.raises(Refused, match=code):
            roster.open_verifications(ctx, actor)
        with pytest.raises(Refused, match=code):
            roster.unmask(ctx, actor, verification_id, "看看")
        with pytest.raises(Refused, match=code):
            roster.close_verification(ctx, actor, verification_id, verified=True, reason="好")
    own = roster.open_owner_verification(ctx, clerk, *HOME, "张示安")
    with pytest.raises(Refused, match="own_verification"):
        roster.close_verification(ctx, clerk, own, verified=True, reason="本人")


def test_a_settled_claim_stays_settled(ctx: Context, clerk: Actor) -> None:
    verification_id = roster.open_owner_verification(ctx, newcomer(ctx), *HOME, "张示安")
    roster.close_verification(ctx, clerk, verification_id, verified=False, reason="资料不全")
    with pytest.raises(Refused, match="verification_closed"):
        roster.close_verification(ctx, clerk, verification_id, verified=True, reason="产权证")
    with ctx.sessions() as tx:
        verification = tx.get_one(OwnerVerification, verification_id)
        assert (verification.state, verification.reason) == ("rejected", "资料不全")
        assert tx.scalars(select(Owner.person_id).distinct()).all() == [None]


def test_places_and_names_that_make_no_sense_are_refused(ctx: Context, clock: ManualClock) -> None:
    someone = newcomer(ctx)
    with pytest.raises(Refused, match="place_unknown"):
        roster.open_owner_verification(ctx, someone, "TEST-01", "1栋", "1单元", "999", "张示安")
    with pytest.raises(Refused, match="place_unknown"):
        roster.open_member_verification(ctx, someone, "TEST-99", "张示安")
    for name in ("", "张", "张" * 51):
        with pytest.raises(Refused, match="name_invalid"):
            roster.open_owner_verification(ctx, someone, *HOME, name)
    clock.advance(days=1000)
    with pytest.raises(Refused, match="place_unknown"):
        roster.open_member_verification(ctx, someone, "TEST-01", "张示安")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *[
            (name, "只写姓名")
            for name in ("业主：张示安", "张示安（父）", "租客", "张先生", "张示安2")
        ],
        *[(name, "您本人") for name in ("张示安和李示宁", "张示安 李示宁", "张示安与李示宁")],
        *[(name, "完整姓名") for name in ("张", "？？？", "待定。", "\u200b", "张" * 51)],
    ],
)
def test_only_what_can_be_a_name_opens_a_claim(ctx: Context, name: str, says: str) -> None:
    someone = newcomer(ctx)
    with pytest.raises(Refused, match="name_invalid") as refused:
        roster.open_owner_verification(ctx, someone, *HOME, name)
    assert says in refused.value.refusals[0].message
    with pytest.raises(Refused, match="name_invalid"):
        roster.open_member_verification(ctx, someone, "TEST-01", name)


def test_claims_come_in_pages_oldest_first(ctx: Context, clerk: Actor) -> None:
    ids = [roster.open_owner_verification(ctx, newcomer(ctx), *HOME, "张示安") for _ in range(3)]
    first = roster.open_verifications(ctx, clerk, page_size=2)
    rest = roster.open_verifications(ctx, clerk, after=first[-1].id, page_size=2)
    assert [verification.id for verification in [*first, *rest]] == ids


def test_a_flood_of_claims_by_one_person_is_stopped(ctx: Context, clerk: Actor) -> None:
    rows: dict[str, list[list[Any]]] = {
        "小区": [["TEST-01", "测试小区", "测试路1号", "测试街道", "测试物业", None, None]],
        "楼栋单元": [["1栋", "1单元"]],
        "房屋业主": [["1栋", "1单元", f"2{n:02d}", 89, None, None] for n in range(11)],
        "电梯": [["TEST000001", "1栋", "1单元", "1号梯", None, "2015-06-01", None, None, None]],
    }
    assert import_registry(
        ctx, write_workbook(REGISTRY_SHEETS, rows), dry_run=False, mandate_paper=PAPER
    ).applied
    someone = newcomer(ctx)
    for n in range(10):
        roster.open_owner_verification(ctx, someone, *HOME[:3], f"2{n:02d}", "张示安")
    with pytest.raises(Refused, match="too_many_verifications"):
        roster.open_owner_verification(ctx, someone, *HOME[:3], "210", "张示安")
    assert len(roster.open_verifications(ctx, clerk)) == 10
