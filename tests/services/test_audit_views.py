"""Who reads the audit chain."""

import pytest

from backend.config import Settings
from backend.domain.errors import Refused
from backend.services.base import checkpoints
from backend.services.reads import audit_views
from backend.store.signer import Signer
from tests.build.looking import (
    suspended,
)
from tests.build.village import Village


def test_only_auditors_read_the_links_of_the_chain(village: Village) -> None:
    """A link tells which person objected; supervisors still see that the chain is sound."""
    suspended(village)
    supervisor = village.actor("supervisor")
    with pytest.raises(Refused, match="role_required"):
        audit_views.list_links(village.ctx, supervisor, 0, 10)
    assert audit_views.list_links(village.ctx, village.actor("auditor"), 0, 10)
    assert audit_views.verify_chain(village.ctx, supervisor).ok
    assert audit_views.read_trial_balance(village.ctx, supervisor).total_fen == 0
    checkpoints.sign_day(village.ctx, Signer(Settings().signing_key()))
    (point,) = audit_views.list_checkpoints(village.ctx, supervisor)
    assert point.hash.hex() == audit_views.verify_chain(village.ctx, supervisor).head
    with pytest.raises(Refused, match="role_required"):
        audit_views.list_checkpoints(village.ctx, village.actor("clerk"))
