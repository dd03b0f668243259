"""Owners who signed the form on paper: entered at the counter, counted with those on phones."""

from collections.abc import Sequence

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from backend.domain.errors import Refused
from backend.services.files.uploads import read_file
from backend.services.people.subject_access import everything
from backend.services.purchase.application_form import form_of
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.store.audit import AuditEntry
from backend.store.messages import Outbox
from backend.store.purchases import Purchase
from backend.store.registry import Owner
from tests.build.looking import add_building, case, codes, letters
from tests.build.village import Village, called

REFUSED = r"is refused|permission denied"


def signed(*owners: int) -> list[SignedOnPaper]:
    """As the form says who signed, of the village's four owners."""
    return [
        SignedOnPaper("1栋", f"{number % 2 + 1}单元", f"{number + 1}01", called("冯样", number))
        for number in owners
    ]


def without_phone(village: Village, *owners: int) -> None:
    """These owners never came to the mini-program."""
    with village.ctx.sessions() as tx:
        for number in owners:
            of_them = Owner.id == village.owners[number]
            tx.execute(update(Owner).where(of_them).values(person_id=None))
        tx.commit()


def entered(village: Village, purchase: Purchase, lines: Sequence[SignedOnPaper]) -> int:
    return village.clerk.enters_signatures(purchase.id, lines, village.upload("clerk"))


def told(village: Village, name: str) -> list[str]:
    """The state that each message to this person tells."""
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(Outbox)
            .where(Outbox.person_id == village.actor(name).person_id)
            .order_by(Outbox.id)
        )
        return [row.data["state"] for row in rows if row.template == "purchase_progress"]


def test_one_owner_with_a_phone_and_two_on_paper_apply_together(village: Village) -> None:
    without_phone(village, 1, 2)
    purchase = village.drafted("owners", "owner0")
    assert entered(village, purchase, signed(1, 2)) == 3
    assert village.person("owner0").applies(purchase.id).state == "applied"
    village.clerk.queries_funds(purchase.id, "物业管理和维保正常")
    assert case(village, purchase).state == "funds_queried"


def test_the_form_that_is_made_says_who_signed_on_paper(village: Village) -> None:
    without_phone(village, 1)
    purchase = village.drafted("owners", "owner0")
    entered(village, purchase, signed(1))
    pages = PdfDocument(form_of(village.ctx, village.actor("owner0"), purchase.id)[1])
    words = (page.get_textpage().get_text_bounded() for page in pages)
    form = "".join("".join(words).split())
    assert "由中心按纸质联名录入" in form
    assert "有的签在纸质申请表上" in form
    assert called("冯样", 1) not in form


def test_everything_wrong_with_the_list_is_told_at_once_and_nothing_is_entered(
    village: Village,
) -> None:
    add_building(village)
    purchase = village.drafted("owners", "owner0")
    (good,) = signed(1)
    lines = [
        good,
        SignedOnPaper("1栋", "9单元", "101", "冯样一"),
        SignedOnPaper("1栋", "1单元", "301", "不在册"),
        *signed(0),
        good,
    ]
    with pytest.raises(Refused) as refused:
        entered(village, purchase, lines)
    assert [(one.code, one.field) for one in refused.value.refusals] == [
        ("place_unknown", "signatures.1.room"),
        ("name_not_on_roster", "signatures.2.name"),
        ("flat_already_signed", "signatures.3.room"),
        ("flat_already_signed", "signatures.4.room"),
    ]
    assert entered(village, purchase, [good]) == 2


def test_people_of_one_name_count_as_two_only_once_somebody_looked(village: Village) -> None:
    without_phone(village, 1, 2)
    renamed(village, 2, like=1)
    one, other = signed(1, 2)
    both = [one, SignedOnPaper(other.building, other.unit, other.room, one.name)]
    purchase = village.drafted("owners", "owner0")
    with pytest.raises(Refused) as refused:
        entered(village, purchase, both)
    assert codes(refused) == ["namesake_signed"]
    scan = village.upload("clerk")
    assert village.clerk.enters_signatures(purchase.id, both, scan, namesakes_checked=True) == 3


def renamed(village: Village, number: int, like: int) -> None:
    """This owner has the name of that one."""
    with village.ctx.sessions() as tx:
        theirs = tx.get_one(Owner, village.owners[number])
        theirs.name_hash = tx.get_one(Owner, village.owners[like]).name_hash
        theirs.name_sealed = village.ctx.cipher.seal(
            Owner.name_sealed, theirs.id, called("冯样", like)
        )
        tx.commit()


def test_an_owner_of_two_flats_counts_once_paper_first_or_phone_first(village: Village) -> None:
    without_phone(village, 2)
    renamed(village, 2, like=1)
    other = signed(2)[0]
    paper = [SignedOnPaper(other.building, other.unit, other.room, called("冯样", 1))]
    purchase = village.drafted("owners", "owner0")
    assert entered(village, purchase, paper) == 2
    with pytest.raises(Refused) as refused:
        village.person("owner1").cosigns(purchase.id)
    assert codes(refused) == ["namesake_signed"]
    village.clerk.withdraws_on_paper(purchase.id, paper[0], village.upload("clerk"))
    assert village.person("owner1").cosigns(purchase.id) == 2
    with pytest.raises(Refused) as refused:
        entered(village, purchase, paper)
    assert codes(refused) == ["namesake_signed"]


def test_two_of_one_name_are_two_whom_the_clerk_saw_and_one_who_is_known_here(
    village: Village,
) -> None:
    without_phone(village, 2)
    renamed(village, 2, like=1)
    one, other = signed(1, 2)
    purchase = village.drafted("owners", "owner0")
    here = SignedOnPaper(other.building, other.unit, other.room, called("冯样", 1))
    entered(village, purchase, [here])
    scan = village.upload("clerk")
    assert village.clerk.enters_signatures(purchase.id, [one], scan, namesakes_checked=True) == 3
    bound = Owner.id == village.owners[2]
    with village.ctx.sessions() as tx:
        theirs = tx.get_one(Owner, village.owners[1]).person_id
        tx.execute(update(Owner).where(bound).values(person_id=theirs))
        tx.commit()
    assert village.person("owner1").cosigns(purchase.id) == 2  # they were one after all


def test_a_flat_that_signed_on_paper_does_not_sign_again_on_a_phone(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    with village.ctx.sessions() as tx:
        theirs = tx.get_one(Owner, village.owners[1])
        theirs.household_id = tx.get_one(Owner, village.owners[2]).household_id
        tx.commit()
    entered(village, purchase, signed(2))
    with pytest.raises(Refused) as refused:
        village.person("owner1").cosigns(purchase.id)
    assert codes(refused) == ["flat_already_signed"]


def test_who_has_an_account_hears_of_it_and_takes_back_what_they_did_not_sign(
    village: Village,
) -> None:
    purchase = village.drafted("owners", "owner0")
    entered(village, purchase, signed(1, 2))
    assert told(village, "owner1") == ["录入了您的纸质联名"]
    assert village.person("owner1").withdraws_signature(purchase.id) == 2
    assert told(village, "owner0")[-1] == "联名撤回1名，现有2名"
    with pytest.raises(Refused) as refused:
        village.person("owner0").applies(purchase.id)
    assert codes(refused) == ["too_few_cosigners"]
    with pytest.raises(Refused) as refused:
        village.person("owner1").withdraws_signature(purchase.id)
    assert codes(refused) == ["cosignature_unknown"]
    assert village.person("owner1").cosigns(purchase.id) == 3
    assert "由中心按纸质联名录入" in str(everything(village.ctx, village.actor("owner2")))


def test_a_signature_is_taken_back_on_paper_as_long_as_the_application_is_not_handed_in(
    village: Village,
) -> None:
    without_phone(village, 1, 2)
    purchase = village.drafted("owners", "owner0")
    entered(village, purchase, signed(1, 2))
    village.person("owner0").applies(purchase.id)
    (two,) = signed(2)
    letter = village.upload("clerk")
    with pytest.raises(Refused) as refused:
        village.clerk.withdraws_on_paper(purchase.id, two, letter)
    assert codes(refused) == ["cosignature_counted"]
    village.clerk.returns_application(purchase.id, "有业主说联名不是本人签的")
    assert village.clerk.withdraws_on_paper(purchase.id, two, letter) == 2
    with pytest.raises(Refused) as refused:
        village.clerk.withdraws_on_paper(purchase.id, two, letter)
    assert codes(refused) == ["cosignature_unknown"]
    with pytest.raises(Refused) as refused:
        village.person("owner0").applies(purchase.id)
    assert codes(refused) == ["too_few_cosigners"]
    assert entered(village, purchase, signed(3)) == 3
    assert village.person("owner0").applies(purchase.id).state == "applied"


def test_who_signed_here_hears_that_a_letter_took_the_signature_back(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    village.person("owner1").cosigns(purchase.id)
    (one,) = signed(1)
    village.clerk.withdraws_on_paper(purchase.id, one, village.upload("clerk"))
    told = {to: data["state"] for to, _, data in letters(village, purchase)}
    assert told["owner1"] == "录入了您书面撤回联名"


def test_only_a_clerk_with_the_scan_enters_signatures_and_only_into_a_draft_of_owners(
    village: Village,
) -> None:
    of_company, purchase = village.drafted(), village.drafted("owners", "owner0")
    with pytest.raises(Refused) as refused:
        village.person("owner0").enters_signatures(purchase.id, signed(1), village.upload("owner0"))
    assert codes(refused) == ["role_required"]
    with pytest.raises(Refused) as refused:
        village.clerk.enters_signatures(purchase.id, signed(1), "0" * 64)
    assert codes(refused) == ["file_unknown"]
    entered(village, purchase, signed(1, 2))
    village.person("owner0").applies(purchase.id)
    with pytest.raises(Refused) as refused:
        entered(village, purchase, signed(3))
    assert codes(refused) == ["not_open_for_cosigning"]
    with pytest.raises(Refused) as refused:
        entered(village, of_company, signed(1))
    assert codes(refused) == ["not_open_for_cosigning"]


def test_the_paper_with_the_names_is_for_officers_alone(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    scan = village.upload("clerk")
    village.clerk.enters_signatures(purchase.id, signed(1, 2), scan)
    village.person("owner0").applies(purchase.id)
    assert read_file(village.ctx, village.actor("reviewer"), scan)
    for name in ("manager", "member0", "insurer", "owner1"):
        with pytest.raises(Refused) as refused:
            read_file(village.ctx, village.actor(name), scan)
        assert codes(refused) == ["not_found"]


def test_every_entry_is_in_the_audit_chain_and_no_signature_becomes_anothers(
    village: Village,
) -> None:
    purchase = village.drafted("owners", "owner0")
    entered(village, purchase, signed(1))
    village.person("owner1").withdraws_signature(purchase.id)
    with village.ctx.sessions() as tx:
        chain = select(AuditEntry.action).where(AuditEntry.subject_id == str(purchase.id))
        actions = [one for one in tx.scalars(chain.order_by(AuditEntry.seq)) if "cosign" in one]
    assert actions == [
        "purchase.cosign",
        "purchase.enter_cosignature",
        "purchase.withdraw_cosignature",
    ]
    other = village.owners[3]
    with (
        village.ctx.sessions() as tx,
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        tx.execute(text("UPDATE cosignature SET owner_id = :other"), {"other": other})
