"""Many premiums that wait for the cashier: copies of one case by SQL, each with its contract and
its money set aside."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from backend.domain.ledger import opening, premium_due
from backend.domain.local_time import local_date
from backend.domain.subject import PURCHASE, Subject
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from tests.build.many_cases import copy_case
from tests.build.village import PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN
CONTRACTS = """
INSERT INTO contract (id, purchase_id, number, insurer_id, premium_fen, signed_on, lift_codes,
    file_sha256, payee_name, payee_bank, payee_account)
SELECT gen_random_uuid(), p.id, 'HT-' || p.number, c.insurer_id, c.premium_fen, c.signed_on,
    c.lift_codes, c.file_sha256, c.payee_name, c.payee_bank,
    CASE WHEN p.id = ANY(:elsewhere) THEN '6222000000000009' ELSE c.payee_account END
FROM purchase p, contract c WHERE p.id = ANY(:cases) AND c.purchase_id = :original
"""
NAMED = """
UPDATE purchase p SET contract_id = c.id FROM contract c
WHERE c.purchase_id = p.id AND p.id = ANY(:cases)
"""


def premiums_due(village: Village, most: int, elsewhere: Sequence[int] = ()) -> list[UUID]:
    """This many cases of the village whose premium can be ordered, in the order of their numbers:
    the first was walked to, the others are like it. Those `elsewhere` (places in the list, not the
    first) have contracts with an account that the insurer has no more."""
    original = village.reviewed().id
    ctx, today = village.ctx, local_date(village.clock())
    cases = copy_case(ctx, original, most - 1) if most > 1 else []
    moved = [cases[place - 1] for place in elsewhere]
    values = {"cases": cases, "original": original, "elsewhere": moved}
    with ctx.sessions() as tx:
        tx.execute(text(CONTRACTS), values)
        tx.execute(text(NAMED), {"cases": cases})
        more = DUE_FEN * len(cases)
        if cases:
            lines = opening(village.bank, more, {village.pool: more})
            entry = NewEntry("opening of many", "opening", today, lines)
            ledger.post(tx, entry, village.clock())
            accounts = ledger.purchase_accounts(tx, village.insurer)
            lines = premium_due(accounts, {village.pool: more})
            due = NewEntry(
                "due of many", "premium_due", today, lines, subject=Subject(PURCHASE, cases[0])
            )
            ledger.post(tx, due, village.clock())
        tx.commit()
    return [original, *cases]
