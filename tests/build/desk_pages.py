"""Every page of the desk: when there is something on it, who opens it, and where it is. A new page
is named here, or a test of the room fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Looked:
    """A page as somebody finds it: after which moment of `desk_moments`, by whom, its address with
    the names of that moment, the button that is pressed there first, and how it answers."""

    moment: str
    who: str
    address: str
    press: str = ""
    status: int = 200


def _at(moment: str, who: str, *addresses: str) -> Sequence[Looked]:
    return [Looked(moment, who, address) for address in addresses]


CASE = "/desk/cases/{case}"
LETTERS = "/desk/cases/{of_owners}/letters"
INCOME = "/desk/income"
OWN = "/desk/people/invitations/without-wechat"
LIFT, HOUSE = "/desk/estates/{estate}/lift/{lift}", "/desk/estates/{estate}/building/{building}"

# By endpoint.
PAGES: Mapping[str, Sequence[Looked]] = {
    "entrance.sign_in": _at("posted", "", "/desk/sign-in"),
    "by_number.ask": _at("posted", "", "/desk/sign-in/number"),
    "second_factor.ask": _at("posted", "clerk", "/desk/second-factor"),
    "second_factor.listed": _at("posted", "administrator", "/desk/second-factors"),
    "sessions.mine": _at("posted", "clerk", "/desk/sessions"),
    "my_rights.mine": _at("posted", "clerk", "/desk/my-rights"),
    "my_rights.delegation": _at("posted", "clerk", "/desk/my-rights/{clerks_right}/delegation"),
    "sample.every_part": _at("posted", "clerk", "/desk/parts"),
    "today.today": [
        *_at("posted", "clerk", "/desk/"),
        *_at("posted", "reviewer", "/desk/"),
        *_at("posted", "administrator", "/desk/"),
        *_at("posted", "manager", "/desk/"),
        *_at("posted", "member0", "/desk/"),
    ],
    "case_list.cases": _at("posted", "clerk", "/desk/cases", "/desk/cases?state=rejected&words=x"),
    "applications.estates": _at("posted", "clerk", "/desk/applications"),
    "applications.new": [
        *_at("drafted", "manager", "/desk/applications/{estate}"),
        *_at("posted", "clerk", "/desk/applications/{estate}"),
    ],
    "case.case": [
        *_at("drafted", "manager", CASE),
        *_at("drafted", "clerk", "/desk/cases/{of_owners}"),
        *_at("queried", "insurer", CASE),
        *_at("posted", "clerk", CASE),
        *_at("posted", "auditor", CASE),
        Looked("posted", "clerk", "/desk/cases/00000000-0000-0000-0000-000000000000", status=404),
        *_at("due", "cashier", CASE),
        *_at("insured", "reviewer", CASE),
    ],
    "case.step": [
        *_at("drafted", "manager", f"{CASE}/apply"),
        *_at("queried", "insurer", f"{CASE}/survey"),
        *_at("surveyed", "insurer", f"{CASE}/submit_plan"),
        *_at("planned", "member0", f"{CASE}/answer_plan"),
        *_at("planned", "clerk", f"{CASE}/enter_minutes"),
        Looked("running", "clerk", f"{CASE}/clear", "确认公示无异议", 422),
        *_at("registered", "manager", f"{CASE}/sign_contract"),
        *_at("due", "cashier", f"{CASE}/order_payment"),
        *_at("paid", "insurer", f"{CASE}/issue_policy"),
        *_at("insured", "cashier", f"{CASE}/propose_refund"),
    ],
    "letters.begin_delivery": _at("drafted", "clerk", f"{LETTERS}/{{waits}}/delivery"),
    "letters.begin_undoing": _at("drafted", "clerk", f"{LETTERS}/{{given}}/undo-delivery"),
    "photos.photos": _at("posted", "manager", f"{CASE}/photographs"),
    "objection_list.objections": _at(
        "posted", "clerk", "/desk/objections", "/desk/objections?overdue=1&words=x"
    ),
    "objections.paper": _at("posted", "clerk", f"{CASE}/paper-objection"),
    "objections.objection": _at("posted", "clerk", "/desk/objections/{objection}"),
    "objections.deed_form": _at("posted", "clerk", "/desk/objections/{objection}/answer"),
    "moderation.words": _at("posted", "clerk", "/desk/moderation"),
    "moderation.one": [
        *_at("posted", "clerk", "/desk/moderation/{objection}"),
        Looked("posted", "clerk", "/desk/moderation/{other_objection}", "打开原文审核"),
    ],
    "messages.messages": _at(
        "posted",
        "clerk",
        "/desk/messages",
        "/desk/messages?number={number}",
        "/desk/messages?number=SQ-0",
    ),
    "messages.message": _at("posted", "clerk", "/desk/messages/{message}"),
    "messages.dead": _at("posted", "administrator", "/desk/messages/dead"),
    "messages.dead_one": _at("posted", "administrator", "/desk/messages/dead/{callback}"),
    "filters.filters": _at("posted", "clerk", "/desk/filters/cases?overdue=1"),
    "ordered.mine": _at("posted", "clerk", "/desk/ordered"),
    "proposals.proposal": [
        *_at("posted", "reviewer", "/desk/proposals/payee-change/{payee_change}"),
        *_at("posted", "reviewer", "/desk/proposals/succession/{succession}"),
        *_at("posted", "reviewer", "/desk/proposals/deposit-interest/{interest}"),
        *_at("posted", "reviewer", "/desk/proposals/interest-undo/{undo}"),
        *_at("posted", "reviewer", "/desk/proposals/period-lock/{period_lock}"),
        *_at("posted", "reviewer", "/desk/proposals/bank-transfer/{transfer}"),
        *_at("posted", "reviewer", "/desk/proposals/past-income/{past}"),
        *_at("refund", "reviewer", "/desk/proposals/refund/{case}"),
        *_at("planned", "clerk", "/desk/proposals/paper/{paper}"),
    ],
    "search.found": _at(
        "posted",
        "clerk",
        "/desk/search?q=1",
        "/desk/search?q=%E6%B2%A1%E6%9C%89",
        "/desk/search?q=13812345678",
    ),
    "estates.estates": _at("posted", "clerk", "/desk/estates"),
    "estates.estate": [
        *_at("posted", "clerk", "/desk/estates/{estate}"),
        *_at("posted", "manager", "/desk/estates/{estate}"),
    ],
    # There where a city's route begins with it: `test_screening_at_the_desk`.
    "screenings.new": [Looked("posted", "clerk", "/desk/screenings/{estate}", status=404)],
    "registry.form": _at("posted", "clerk", f"{LIFT}/retire", f"{HOUSE}/name"),
    "insurers.insurers": _at("posted", "clerk", "/desk/insurers"),
    "insurers.new": _at("posted", "clerk", "/desk/insurers/new"),
    "insurers.one": _at("posted", "clerk", "/desk/insurers/{insurer}"),
    "insurers.begin": _at(
        "posted", "clerk", "/desk/insurers/{insurer}/selection", "/desk/insurers/{insurer}/end"
    ),
    "insurers.clause_end": _at("posted", "clerk", "/desk/insurers/{insurer}/clauses/{clause}/end"),
    "posters.posters": _at("posted", "clerk", "/desk/posters"),
    "posters.estate": _at("posted", "manager", "/desk/posters/{estate}"),
    "payments.due_now": _at("due", "cashier", "/desk/payments"),
    "payments.made": _at("batched", "cashier", "/desk/payments/batches"),
    "payments.batch": [
        *_at("batched", "cashier", "/desk/payments/batches/{batch}"),
        *_at("answered", "cashier", "/desk/payments/batches/{batch}"),
    ],
    "payments.sheet": _at("batched", "cashier", "/desk/payments/batches/{batch}/sheet"),
    "income.accounts": _at("posted", "cashier", INCOME),
    "income.deposits": _at("posted", "cashier", f"{INCOME}/deposits"),
    "income.begin": _at("posted", "cashier", f"{INCOME}/deposits/new"),
    "income.deposit": _at("posted", "cashier", f"{INCOME}/deposits/{{deposit}}"),
    "income.begin_withdrawal": _at("posted", "clerk", f"{INCOME}/deposits/{{deposit}}/withdrawal"),
    "income.begin_interest": [
        *_at("posted", "clerk", f"{INCOME}/deposits/{{fresh_deposit}}/interest"),
        Looked("posted", "clerk", f"{INCOME}/deposits/{{fresh_deposit}}/interest", "看怎么算", 422),
    ],
    "income.interest": _at("posted", "auditor", f"{INCOME}/interest"),
    "income.one_interest": _at(
        "posted", "reviewer", f"{INCOME}/interest/{{interest}}", f"{INCOME}/interest/{{booked}}"
    ),
    "income.begin_undo": _at("posted", "reviewer", f"{INCOME}/interest/{{booked}}/undo"),
    "closes.closes": _at("posted", "clerk", f"{INCOME}/closes"),
    "closes.begin": _at("posted", "clerk", f"{INCOME}/closes/new"),
    "closes.shares": [
        *_at("posted", "reviewer", f"{INCOME}/shares?close={{close}}"),
        Looked("posted", "clerk", f"{INCOME}/shares?close={{close}}", "入账", 403),
    ],
    "closes.flats": [
        *_at("posted", "reviewer", f"{INCOME}/closes/{{close}}/flats"),
        Looked("posted", "auditor", f"{INCOME}/closes/{{close}}/flats", "看分户账", 200),
    ],
    "affording.city": _at("posted", "clerk", "/desk/forecast"),
    "affording.estate": _at("posted", "manager", "/desk/forecast/{estate}"),
    "account_statements.statement": [
        *_at("posted", "clerk", "/desk/accounts/{pool}"),
        Looked("posted", "manager", "/desk/accounts/{pool}?from_on=x", status=422),
    ],
    "agreements.agreements": _at("posted", "auditor", f"{INCOME}/agreements"),
    "agreements.begin": _at("posted", "cashier", f"{INCOME}/agreements/new"),
    "agreements.begin_withdrawal": _at(
        "posted", "cashier", f"{INCOME}/agreements/{{agreement}}/withdrawal"
    ),
    "fund_batches.batches": _at("posted", "auditor", f"{INCOME}/fund-batches"),
    "decisions.decisions": _at("posted", "auditor", f"{INCOME}/decisions"),
    "decisions.begin_interest": _at("posted", "clerk", f"{INCOME}/decisions/interest/{{short}}"),
    "decisions.begin_account": _at("posted", "clerk", f"{INCOME}/decisions/accounts/{{owing}}"),
    "decisions.begin_withdrawal": _at(
        "posted", "clerk", f"{INCOME}/decisions/{{decision}}/withdrawal"
    ),
    "past_income.past_income": _at("posted", "clerk", f"{INCOME}/past"),
    "past_income.begin": _at("posted", "cashier", f"{INCOME}/past/new"),
    "past_income.begin_back": _at("posted", "cashier", f"{INCOME}/past/{{past}}/back"),
    "transfers.transfers": _at("posted", "clerk", f"{INCOME}/transfers"),
    "transfers.begin": _at("posted", "cashier", f"{INCOME}/transfers/new"),
    "locks.locks": _at("posted", "clerk", f"{INCOME}/locks"),
    "locks.begin": _at("posted", "cashier", f"{INCOME}/locks/new"),
    "statements.statements": _at("paid", "cashier", "/desk/statements"),
    "statements.statement": _at("paid", "cashier", "/desk/statements/{statement}"),
    "statements.balance": _at("paid", "auditor", "/desk/statements/balance/{bank}"),
    "imports.imports": _at("posted", "clerk", "/desk/imports"),
    "imports.read": _at("posted", "clerk", "/desk/imports/{faulty}", "/desk/imports/{right}"),
    "people.people": _at("posted", "administrator", "/desk/people"),
    "people.end": _at("posted", "administrator", "/desk/people/{clerks_right}/end"),
    "person.person": _at(
        "posted", "administrator", "/desk/people/of/{clerk}", "/desk/people/of/{lifted}"
    ),
    "person.grant": _at("posted", "administrator", "/desk/people/of/{clerk}/grant"),
    "person.lockout": _at("posted", "administrator", "/desk/people/of/{clerk}/lockout"),
    "person.come_back": _at("posted", "administrator", "/desk/people/of/{kept_out}/return"),
    "person.anew": _at("posted", "administrator", "/desk/people/of/{lifted}/anew"),
    "inviting.waiting": _at("posted", "administrator", "/desk/people/invitations"),
    "inviting.new": _at("posted", "administrator", "/desk/people/invitations/new"),
    "inviting.one": _at("posted", "administrator", "/desk/people/invitations/{invitation}"),
    "inviting.accounts": _at("posted", "administrator", OWN),
    "inviting.new_account": _at("posted", "administrator", f"{OWN}/new"),
    "inviting.account": _at("posted", "administrator", f"{OWN}/{{lifted}}"),
    "handing_over.preview": _at(
        "posted", "administrator", "/desk/people/{clerks_right}/handover?to={auditor}"
    ),
    "rectifications.waiting": _at("posted", "clerk", "/desk/rectification-requests"),
    "rectifications.one": _at("posted", "clerk", "/desk/rectification-requests/{request}"),
    "audit.overview": _at("insured", "auditor", "/desk/audit"),
    "audit.chain": _at("insured", "auditor", "/desk/audit/chain"),
    "audit.looks": _at("insured", "auditor", "/desk/audit/looks"),
    "audit.sample": _at("insured", "auditor", "/desk/audit/sample?seed=7&number=5"),
    "audit.account": _at("insured", "auditor", "/desk/audit/account?number=P1"),
    "progress.progress": _at("insured", "auditor", "/desk/progress"),
    "progress.oversight": _at("insured", "auditor", "/desk/progress/oversight"),
    "progress.lifts": _at("insured", "auditor", "/desk/progress/lifts"),
    "dashboard.dashboard": _at("insured", "auditor", "/desk/dashboard"),
    "city.city": _at("posted", "clerk", "/desk/city"),
}

# What answers with a file, or leads to a page without being one.
NO_PAGES = frozenset(
    {
        "static",
        "healthz",
        "files.file",
        "today.front",
        "case_list.export",
        "city.export",
        "estates.export",
        "insurers.export",
        "messages.export",
        "moderation.export",
        "objection_list.export",
        "progress.bulletin",
        "progress.export",
        "progress.workbook",
        "people.export",
        "posters.export",
        "posters.reprint",
        "posters.zip_file",
        "audit.export_sample",
        "audit.export_account",
        "income.export_deposits",
        "income.export_interest",
        "closes.export",
        "account_statements.pdf",
        "account_statements.workbook",
        "imports.problems",
        "imports.template",
        "payments.file",
    }
)
# Templates that no address of these shows.
SHOWN_BY_FORMS = frozenset(
    {
        "too_long.html",  # a list of more than 2,000 rows
        "phone.html",  # whose phone a number is, which stands in no address
    }
)
