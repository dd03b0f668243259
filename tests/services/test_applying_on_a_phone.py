"""What an applicant's phone is told: ways to begin, the invitation, the case at work, the form."""

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import func, select

from backend.domain.errors import Refused
from backend.services.purchase import applications, cosignatures
from backend.services.purchase.application_form import form_of
from backend.services.reads.joint import invitation
from backend.services.reads.own_case import OwnCase, own_case
from backend.services.reads.ways import ways_in_estate
from backend.store.notices import StoredFile
from backend.store.purchases import Purchase
from tests.build.looking import add_building, add_person, case, codes
from tests.build.village import Village


def ways(village: Village, name: str) -> list[tuple[str, list[str]]]:
    """As whom somebody may apply, and from which accounts."""
    found = ways_in_estate(village.ctx, village.actor(name), village.estate)
    return [(way.applicant, [account.number for account in way.accounts]) for way in found.ways]


def seen(village: Village, name: str, purchase: Purchase) -> OwnCase:
    return own_case(village.ctx, village.actor(name), purchase.id)


def eligibility(village: Village, name: str, purchase: Purchase) -> str:
    return invitation(village.ctx, village.actor(name), purchase.id).eligibility


def words_of(pdf: bytes) -> str:
    """All text of the pages, without the breaks of its lines."""
    document = PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    return "".join(text.split())


def test_each_part_in_an_estate_is_a_way_and_who_has_none_is_told_who_may(village: Village) -> None:
    assert [kind for kind, _ in ways(village, "owner0")] == ["owners"]
    assert [kind for kind, _ in ways(village, "member0")] == ["committee"]
    assert [kind for kind, _ in ways(village, "manager")] == ["property_company"]
    assert ways(village, "clerk") == []
    clerk = ways_in_estate(village.ctx, village.actor("clerk"), village.estate)
    assert "3名以上相关业主联名" in clerk.hint
    stranger = add_person(village, "stranger")
    with pytest.raises(Refused) as refused:
        ways_in_estate(village.ctx, stranger, village.estate)
    assert codes(refused) == ["not_found"]


def test_an_owner_may_name_only_an_account_that_pays_for_their_home(village: Village) -> None:
    add_building(village)
    (_, neighbours), (alone, _) = ways(village, "neighbour")
    assert alone == "independent_owner"  # of the only flat that their lift serves
    ((_, own),) = ways(village, "owner0")
    assert len(own) == len(neighbours) == 1
    assert own != neighbours


def test_the_owner_who_begins_has_signed(village: Village) -> None:
    draft = village.drafted("owners", "owner0")
    found = seen(village, "owner0", draft)
    assert found.signed
    assert (found.signed.cosigners, found.signed.can_sign) == (1, False)
    (doing,) = [doing for doing in found.doings if doing.action == "apply"]
    assert "现有1名" in doing.obstacles[0]


def test_an_invitation_tells_everybody_how_they_stand_to_it(village: Village) -> None:
    add_building(village)
    draft = village.drafted("owners", "owner0")
    stranger = add_person(village, "stranger")
    found = invitation(village.ctx, stranger, draft.id)
    assert (found.eligibility, found.initiator[1:]) == ("unknown", "**")
    assert [place.unit for place in found.places]
    assert eligibility(village, "owner0", draft) == "signed"
    assert eligibility(village, "owner1", draft) == "may_sign"
    assert eligibility(village, "neighbour", draft) == "elsewhere"
    applications.withdraw(village.ctx, village.actor("owner0"), draft.id, "换一家")
    assert eligibility(village, "owner1", draft) == "over"


def test_only_an_application_by_owners_has_an_invitation(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        invitation(village.ctx, village.actor("owner0"), village.drafted().id)
    assert codes(refused) == ["not_found"]


def test_owners_who_live_there_but_did_not_apply_do_not_read_the_case_at_work(
    village: Village,
) -> None:
    draft = village.drafted("owners", "owner0")
    with pytest.raises(Refused) as refused:
        seen(village, "owner1", draft)
    assert codes(refused) == ["not_found"]


def test_three_signatures_are_the_form_and_it_is_kept_as_evidence(village: Village) -> None:
    draft = village.drafted("owners", "owner0")
    for name in ("owner1", "owner2"):
        cosignatures.cosign(village.ctx, village.actor(name), draft.id)
    applied = applications.apply(village.ctx, village.actor("owner1"), draft.id)
    assert applied.state == "applied"
    (paper,) = seen(village, "owner0", draft).happened[-1:]
    assert paper.name == "提交申请"
    number, form = form_of(village.ctx, village.actor("owner0"), draft.id)
    told = words_of(form)
    assert number == draft.number
    assert "3位相关业主联名" in told
    assert told.count("在微信小程序联名") == 3
    assert "签字盖章" not in told


def test_too_few_signatures_leave_no_form_behind(village: Village) -> None:
    draft = village.drafted("owners", "owner0")
    with pytest.raises(Refused) as refused:
        applications.apply(village.ctx, village.actor("owner0"), draft.id)
    assert codes(refused) == ["too_few_cosigners"]
    assert case(village, draft).state == "drafted"
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_a_company_and_a_committee_must_hand_in_what_they_sealed(village: Village) -> None:
    for applicant, name, seal in (
        ("property_company", "manager", "物业服务企业盖章"),
        ("committee", "member0", "业主委员会盖章"),
    ):
        draft = village.drafted(applicant, name)
        with pytest.raises(Refused) as refused:
            applications.apply(village.ctx, village.actor(name), draft.id)
        assert codes(refused) == ["evidence_missing"]
        _, form = form_of(village.ctx, village.actor(name), draft.id)
        assert seal in words_of(form)
        assert draft.number in words_of(form)


def test_the_form_is_nobodys_who_takes_no_part(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        form_of(village.ctx, village.actor("owner0"), village.drafted().id)
    assert codes(refused) == ["not_found"]


def test_what_the_case_waits_for_is_told_with_who_and_until_when(village: Village) -> None:
    purchase = village.surveyed()
    (todo,) = seen(village, "manager", purchase).todos
    assert (todo.who, todo.mine) == ("保险机构", False)
    assert todo.due_words.startswith("截至")


def test_obstacles_of_the_payment_are_known_before_it_is_asked_for(village: Village) -> None:
    purchase = village.contracted()
    found = seen(village, "manager", purchase)
    doings = {doing.action: doing for doing in found.doings}
    assert {"add_invoice", "amend_contract", "request_payment", "withdraw"} <= doings.keys()
    assert found.contract
    assert any("发票" in words for words in doings["request_payment"].obstacles)
