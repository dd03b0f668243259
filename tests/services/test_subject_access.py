"""People see what is kept about them, have it corrected, take it along, and leave."""

import json
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.api.centre.rectification_requests import RectificationAnswerIn
from backend.api.residents.me import RectificationRequestIn
from backend.domain.errors import Refused
from backend.domain.objection import Publication
from backend.domain.roles import ROLE_NAMES, Role
from backend.services.base import audit
from backend.services.base.own_words import keep_name, keep_phone
from backend.services.messages.follows import follow_notice
from backend.services.people import (
    account_deletion,
    phones,
    rectification_requests,
    roster,
    sessions,
    subject_access,
)
from backend.services.public_notice import own_objections
from backend.services.public_notice.objections import PaperObjection
from backend.store.messages import Consent, Follow
from backend.store.notices import Objection
from backend.store.people import (
    AccessGrant,
    Identity,
    OwnerVerification,
    Person,
    PhoneTry,
    RectificationRequest,
)
from backend.store.registry import Owner
from tests.build.in_parts import verify_phone
from tests.build.looking import codes, suspended
from tests.build.residents import agree, follow_us
from tests.build.sessions import session_of
from tests.build.village import Village


def sections(village: Village, name: str) -> dict[str, list[tuple[str, str]]]:
    found = subject_access.everything(village.ctx, village.actor(name))
    return {s.title: [(item.label, item.value) for item in s.items] for s in found}


def known(village: Village) -> Objection:
    """owner0 as somebody who did about everything that leaves a trace; the objection."""
    _, notice_id, objection = suspended(village)
    agree(village, "owner0", "notice_ending")
    follow_us(village, "owner0")
    follow_notice(village.ctx, village.actor("owner0"), notice_id)
    rectification_requests.open_request(village.ctx, village.actor("owner0"), "房屋", "应为 102 室")
    with village.ctx.sessions() as tx:
        person = tx.get_one(Person, village.actor("owner0").person_id)
        keep_name(village.ctx.cipher, person, "冯样零")
        keep_phone(village.ctx.cipher, person, "13800000001")
        person.phone_verified_at = village.clock()
        tx.commit()
    return objection


def test_everything_that_is_kept_is_shown_in_words(village: Village) -> None:
    objection = known(village)
    shown = sections(village, "owner0")
    who = dict(shown["基本信息"])
    assert (who["姓名"], who["手机号"]) == ("冯样零", "13800000001（微信核验）")
    assert who["微信标识（小程序）"].startswith("mini-of-owner0")
    assert ("房屋", "示例小区1栋1单元101") in shown["房屋、席位与授权"]
    [(label, words)] = shown["异议"]
    assert objection.number in label
    assert "原文：" in words
    assert ("公示即将截止", "同意接收，剩余1次") in shown["订阅与关注"]
    assert any(label == "关注" for label, _ in shown["订阅与关注"])
    assert any("应为 102 室" in words for _, words in shown["更正请求"])


def test_an_officer_sees_grants_and_a_member_seats_and_answers(village: Village) -> None:
    village.approved()
    assert ("授权", ROLE_NAMES[Role.CLERK]) in sections(village, "clerk")["房屋、席位与授权"]
    member = sections(village, "member0")
    assert any(label == "业委会席位" for label, _ in member["房屋、席位与授权"])
    assert any("同意" in words for _, words in member["联名与表决"])


def test_nobody_sees_what_is_kept_about_others(village: Village) -> None:
    known(village)
    said = str(sections(village, "owner1")) + str(sections(village, "stranger"))
    assert "13800000001" not in said
    assert "mini-of-owner0" not in said


def move_in(village: Village, name: str, owner: UUID) -> None:
    """From now on the roster entry is this person's."""
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, owner).person_id = village.actor(name).person_id
        tx.commit()


def test_whoever_holds_the_flat_later_does_not_read_the_words_of_the_one_before(
    village: Village,
) -> None:
    known(village)
    account_deletion.delete_account(village.ctx, village.actor("owner0"))
    move_in(village, "stranger", village.owners[0])
    assert sections(village, "stranger")["异议"] == []
    assert "原文" not in str(subject_access.export(village.ctx, village.actor("stranger")))


def test_the_author_still_reads_the_own_words_after_the_flat_is_another_s(village: Village) -> None:
    objection = known(village)
    move_in(village, "stranger", village.owners[0])
    assert own_objections.my_objections(village.ctx, village.actor("stranger")) == []
    [(label, words)] = sections(village, "owner0")["异议"]
    assert objection.number in label
    assert "原文：" in words


def test_a_paper_is_the_owner_s_whose_it_is_and_not_the_clerk_s_who_entered_it(
    village: Village,
) -> None:
    _, notice_id = village.posted()
    paper = PaperObjection("need", "不同意投保", "业主二", village.clock(), village.owners[2])
    entered = village.clerk.enters_paper(notice_id, paper)
    [(label, _)] = sections(village, "owner2")["异议"]
    assert entered.number in label
    assert sections(village, "clerk")["异议"] == []
    with village.ctx.sessions() as tx:
        ended = update(AccessGrant).values(valid_until=village.clock())
        tx.execute(ended.where(AccessGrant.role == "clerk"))
        tx.commit()
    left = account_deletion.delete_account(village.ctx, village.actor("clerk"))
    assert not any("书面异议" in kept for kept in left.kept)


def test_the_file_to_take_along_says_the_same_and_is_json(village: Village) -> None:
    known(village)
    file = json.loads(json.dumps(subject_access.export(village.ctx, village.actor("owner0"))))
    titles = [section["title"] for section in file["sections"]]
    assert titles == list(sections(village, "owner0"))
    assert UUID(file["person_id"]) == village.actor("owner0").person_id


class TestRectificationRequests:
    def ask(self, village: Village, name: str = "owner0", text: str = "应为 102 室") -> UUID:
        return rectification_requests.open_request(village.ctx, village.actor(name), "房屋", text)

    def test_a_request_reaches_the_clerk_and_the_answer_the_person(self, village: Village) -> None:
        asked = self.ask(village)
        [waiting] = rectification_requests.open_requests(village.ctx, village.actor("clerk"))
        assert (waiting.id, waiting.text) == (asked, "应为 102 室")
        rectification_requests.close_request(
            village.ctx, village.actor("clerk"), asked, True, "已按产权证更正"
        )
        assert rectification_requests.open_requests(village.ctx, village.actor("clerk")) == []
        [(_, words)] = sections(village, "owner0")["更正请求"]
        assert "已更正" in words
        assert "已按产权证更正" in words

    def test_it_is_settled_once_by_another_person_with_an_answer(self, village: Village) -> None:
        asked = self.ask(village)
        own = self.ask(village, "clerk")
        clerk = village.actor("clerk")
        for subject, answer, code in (
            (asked, " ", "text_required"),
            (asked, "字" * 501, "text_too_long"),
            (own, "已更正", "own_rectification_request"),
            (UUID(int=1), "已更正", "not_found"),
        ):
            with pytest.raises(Refused) as refused:
                rectification_requests.close_request(village.ctx, clerk, subject, True, answer)
            assert codes(refused) == [code]
        rectification_requests.close_request(village.ctx, clerk, asked, False, "与产权证一致")
        with pytest.raises(Refused) as refused:
            rectification_requests.close_request(village.ctx, clerk, asked, True, "已更正")
        assert codes(refused) == ["rectification_request_closed"]

    @pytest.mark.parametrize(
        ("what", "text", "code"),
        [
            ("房屋", "", "text_required"),
            ("房屋", " ", "text_required"),
            ("房屋", "字" * 501, "text_too_long"),
            (" ", "应为 102 室", "text_required"),
            ("字" * 41, "应为 102 室", "text_too_long"),
        ],
    )
    def test_it_says_what_would_be_right_in_a_few_words(
        self, village: Village, what: str, text: str, code: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            rectification_requests.open_request(village.ctx, village.actor("owner0"), what, text)
        assert codes(refused) == [code]

    def test_what_the_api_takes_is_what_is_kept(self, village: Village) -> None:
        for longest, schema in (
            (
                {"what": rectification_requests.MAX_WHAT, "text": rectification_requests.MAX_TEXT},
                RectificationRequestIn,
            ),
            ({"answer": rectification_requests.MAX_ANSWER}, RectificationAnswerIn),
        ):
            for name, most in longest.items():
                assert schema.model_json_schema()["properties"][name]["maxLength"] == most

    def test_five_may_wait_at_a_time(self, village: Village) -> None:
        for _ in range(rectification_requests.MAX_OPEN):
            self.ask(village)
        with pytest.raises(Refused) as refused:
            self.ask(village)
        assert codes(refused) == ["too_many_rectification_requests"]
        self.ask(village, "owner1")

    def test_only_clerks_see_them(self, village: Village) -> None:
        for name, code in (("owner0", "not_found"), ("supervisor", "role_required")):
            with pytest.raises(Refused) as refused:
                rectification_requests.open_requests(village.ctx, village.actor(name))
            assert codes(refused) == [code]


class TestAccountDeletion:
    def leave(self, village: Village, name: str) -> account_deletion.AccountDeletion:
        return account_deletion.delete_account(village.ctx, village.actor(name))

    def test_who_the_person_is_is_erased_and_the_objection_stays(self, village: Village) -> None:
        objection = known(village)
        left = self.leave(village, "owner0")
        assert any("异议1件" in kept for kept in left.kept)
        person_id = village.actor("owner0").person_id
        with village.ctx.sessions() as tx:
            person = tx.get_one(Person, person_id)
            assert (person.name_sealed, person.phone_sealed, person.phone_hash) == (None,) * 3
            assert person.left_at == village.clock()
            assert tx.get_one(Owner, village.owners[0]).person_id is None
            assert tx.get_one(Objection, objection.id).status == "verified"
            for table in (Identity, Consent, Follow, RectificationRequest):
                assert tx.scalars(select(table)).all() == []
            assert audit.verify(tx).ok

    def test_every_session_ends_at_once(self, village: Village) -> None:
        token = session_of(village.ctx, village.actor("owner1").person_id)
        assert sessions.authenticate(village.ctx, token) == village.actor("owner1")
        self.leave(village, "owner1")
        with pytest.raises(Refused) as refused:
            sessions.authenticate(village.ctx, token)
        assert codes(refused) == ["session_invalid"]

    def test_a_request_that_was_under_way_writes_nothing_any_more(self, village: Village) -> None:
        _, notice_id = village.posted()
        who = village.actor("owner1")
        self.leave(village, "owner1")
        ctx = village.ctx
        for late in (
            lambda: phones.type_phone(ctx, who, "13900000002"),
            lambda: verify_phone(ctx, who, "code"),
            lambda: roster.open_owner_verification(ctx, who, "E1", "1栋", "1单元", "101", "冯样一"),
            lambda: roster.open_member_verification(ctx, who, "E1", "冯样一"),
            lambda: rectification_requests.open_request(ctx, who, "房屋", "应为 102 室"),
            lambda: follow_notice(ctx, who, notice_id),
            lambda: account_deletion.delete_account(ctx, who),
        ):
            with pytest.raises(Refused) as refused:
                late()
            assert codes(refused) == ["session_invalid"]
        with ctx.sessions() as tx:
            person = tx.get_one(Person, who.person_id)
            assert (person.name_sealed, person.phone_sealed) == (None, None)
            for table in (Follow, RectificationRequest, OwnerVerification, PhoneTry):
                assert tx.scalars(select(table)).all() == []

    def test_it_is_said_what_stays_and_for_how_long(self, village: Village) -> None:
        who = village.actor("owner1")
        roster.open_owner_verification(village.ctx, who, "E1", "1栋", "1单元", "301", "冯样一")
        kept = " ".join(self.leave(village, "owner1").kept)
        assert "身份核验申请1件" in kept
        assert "30天后删除" in kept

    def test_words_that_were_published_are_taken_back(self, village: Village) -> None:
        objection = known(village)
        with village.ctx.sessions() as tx:
            row = tx.get_one(Objection, objection.id)
            row.publication, row.published_text = Publication.PUBLISHED, "太贵了"
            tx.commit()
        self.leave(village, "owner0")
        with village.ctx.sessions() as tx:
            row = tx.get_one(Objection, objection.id)
            assert (row.publication, row.published_text) == ("private", None)
            assert row.text_sealed

    def test_an_officer_hands_over_first(self, village: Village) -> None:
        with pytest.raises(Refused) as refused:
            self.leave(village, "clerk")
        assert codes(refused) == ["holds_office"]

    def test_the_objection_of_one_who_left_can_still_be_answered(self, village: Village) -> None:
        objection = known(village)
        self.leave(village, "owner0")
        assert village.clerk.answers(objection.id, "已比选三家").answer == "已比选三家"
