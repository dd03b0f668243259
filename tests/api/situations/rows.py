"""What happens between people while a case goes on, and the ways back: every row is played over
HTTP by a test that is marked with it, `@pytest.mark.situation("P11", "amend_contract")`.

`pytest -m situation` plays them all, `grep -rn '"P11"' tests/api` finds one. The ways back are the
steps that docs/purchase.md lists under “Ways back”.
"""

SITUATIONS = {
    "P1": "An objection came on paper in time and is entered after the contract.",
    "P2": "The same after the payment request: whose clock runs?",
    "P3": "The city ends its selection of the insurer in mid-case.",
    "P4": "The estate has no committee.",
    "P5": "The committee's term ends while it decides.",
    "P8": "A lift is replaced while it is insured.",
    "P9": "One of two lifts will never pass its survey.",
    "P10": "The premium arrives after the agreed first day of cover.",
    "P11": "The contract was entered with a wrong premium.",
    "P12": "Nobody can read the invoice.",
    "P14": "An officer leaves; a payment that was confirmed comes back from the bank.",
    "P15": "A clearing, an application or a rejection was a mistake.",
    "P16": "An account of one unit, and a lift that serves two.",
    "P17": "A policy comes to its end.",
    "P19": "A plan covers thirty days and costs a hundred yuan.",
    "P20": "No company manages the estate, one owner does alone.",
    "P21": "Whether the upkeep is normal is any words of the clerk.",
    "P22": "Three owners sign on paper, one of them has a phone.",
    "P23": "The money of an account lies at a second bank.",
    "P24": "An opening balance was wrong.",
    "P26": "The committee refuses, or says nothing.",
    "P27": "After a long wait the cover that was planned has begun already.",
    "P28": "Somebody of the property company takes a seat on the committee.",
    "P29": "An objection on paper while the last photo of the notice is missing.",
    "P31": "Owners apply, and the property company may be against it.",
    "P32": "The centre's answer to an objection names its author.",
    "P33": "One person has every part at the centre.",
    "P34": "Two cases want the same money at the same time.",
    "P35": "The same lifts are applied for twice.",
    "P36": "A mistake is found after the approval, before the notice is up.",
    "P37": "The end photos are weeks late.",
    "P39": "The clerk alone decides about an objection.",
    "P42": "The insurer pays back what it owes once cover is over.",
    "P43": "A lift was taken out in the year, and the house hears of it after the end.",
}

# Rows that no test over HTTP plays yet, each with the reason.
NOT_YET: dict[str, str] = {}

# What was added with the ways back, and is none by itself.
BESIDE = frozenset({"review_payment", "lapse", "dismiss_objection", "undo_dismissal"})

# Ways back that no test over HTTP plays yet, each with the reason.
BACK_NOT_YET: dict[str, str] = {}
