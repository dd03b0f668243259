"""原文审核: who reads which words when, and which comes next."""

import json

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.objection import Publication
from backend.services.public_notice import moderation
from backend.services.reads import moderation_pages
from backend.store.audit import AuditEntry
from tests.build.looking import also, codes
from tests.build.objecting import object_to
from tests.build.village import Village

HELD, PUBLISHED = Publication.HELD, Publication.PUBLISHED


def test_held_words_are_judged_masked_with_a_link_and_the_next_one_follows(
    village: Village,
) -> None:
    _, notice = village.posted()
    ctx, clerk = village.ctx, village.actor("clerk")
    first = object_to(village, notice, publish=True)
    second = object_to(village, notice, who="owner1", publish=True)
    listed = moderation_pages.page_of_words(ctx, clerk, HELD, 1)
    assert [row.id for row in listed.rows] == [first.id, second.id]
    assert moderation_pages.whole_words(ctx, clerk, HELD) == listed.rows
    assert moderation_pages.next_to_judge(ctx, clerk, first.id) == second.id
    assert moderation_pages.next_to_judge(ctx, clerk, second.id) == first.id

    words = moderation.look(ctx, clerk, first.id)
    assert "13812345678" not in words.text
    assert (words.masked, words.telling, words.known) == (3, False, True)
    with ctx.sessions() as tx:
        bodies = select(AuditEntry.body).where(AuditEntry.action == "purchase.read_objections")
        [body] = tx.scalars(bodies)
    assert json.loads(body)["facts"] == {
        "objections": [first.number],
        "reason": moderation.LOOK_REASON,
    }
    assert moderation_pages.read_words_page(ctx, clerk, first.id).may_decide
    village.clerk.decides_publication(first.id, True, "")
    with pytest.raises(Refused, match="publication_decided"):
        moderation.look(ctx, clerk, first.id)
    status = moderation_pages.read_words_page(ctx, village.actor("reviewer"), first.id)
    assert (status.may_decide, status.may_take_down) == (False, True)
    assert status.row.published == words.text
    assert moderation_pages.next_to_judge(ctx, clerk, second.id) is None


def test_words_are_judged_by_clerks_who_have_no_other_part_and_of_nobody_who_did_not_ask(
    village: Village,
) -> None:
    _, notice = village.posted()
    ctx = village.ctx
    private = object_to(village, notice)
    asked = object_to(village, notice, who="owner1", publish=True)
    with pytest.raises(Refused, match="not_found"):
        moderation_pages.read_words_page(ctx, village.actor("clerk"), private.id)
    for name, told in {"cashier": "role_required", "manager": "not_found"}.items():
        with pytest.raises(Refused) as refused:
            moderation_pages.page_of_words(ctx, village.actor(name), HELD, 1)
        assert codes(refused) == [told]
    with pytest.raises(Refused, match="not_found"):
        moderation.look(ctx, village.actor("reviewer"), asked.id)
    also(village, "manager", "clerk")
    status = moderation_pages.read_words_page(ctx, village.actor("manager"), asked.id)
    assert not status.may_decide
    assert status.obstacles
