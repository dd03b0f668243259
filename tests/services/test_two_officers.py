"""What one officer enters and another decides: the table holds it too."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from backend.store.proposals import PayeeChange, Succession
from backend.store.registry import Estate, PropertyCompany
from tests.build.village import Village


def entered(village: Village, kind: type[PayeeChange] | type[Succession]) -> dict[str, Any]:
    """The columns of one that a clerk entered in the reviewer's stead."""
    if kind is PayeeChange:
        accounts = {"former_bank": "旧", "former_account": "1", "bank_name": "新"}
        own: dict[str, Any] = accounts | {"bank_account": "2", "insurer_id": village.insurer}
    else:
        with village.ctx.sessions() as tx:
            after = PropertyCompany(name="示例集团")
            tx.add(after)
            tx.flush()
            former = tx.get_one(Estate, village.estate).property_company_id
            own = {"estate_id": village.estate, "former_id": former, "company_id": after.id}
            tx.commit()
    return own | {
        "file_sha256": village.upload("clerk"),
        "reason": "合并",
        "entered_by": village.actor("clerk").person_id,
        "in_stead_of": village.actor("reviewer").person_id,
        "entered_at": village.clock(),
    }


@pytest.mark.parametrize("kind", [PayeeChange, Succession])
@pytest.mark.parametrize(("name", "may"), [("clerk", 0), ("reviewer", 0), ("cashier", 1)])
def test_the_table_takes_no_second_word_of_whose_work_the_entry_was(
    village: Village, kind: type[PayeeChange] | type[Succession], name: str, may: int
) -> None:
    values = entered(village, kind)
    decided = {"decided_by": village.actor(name).person_id, "decided_at": village.clock()}
    with village.ctx.sessions() as tx:
        tx.add(kind(**values, **decided, confirmed=True))
        if may:
            tx.commit()
        else:
            with pytest.raises(IntegrityError, match="another_officer"):
                tx.commit()
