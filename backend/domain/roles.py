"""Who does what: the parts that the two plans give to people."""

from enum import StrEnum


class Role(StrEnum):
    """A part someone plays in a purchase.

    `applicant` (申请人) is whoever acts for those who applied: it is held beside one of
    `APPLICANT_ROLES`, which is what stands on record. The next two come from the roster, `system`
    is the house itself, the rest are granted.
    """

    APPLICANT = "applicant"
    OWNER = "owner"
    COMMITTEE_MEMBER = "committee_member"
    SYSTEM = "system"
    PROPERTY_MANAGER = "property_manager"
    INSURER = "insurer"
    DISTRICT = "district"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.APPLICANT: "申请人",
    Role.OWNER: "业主",
    Role.COMMITTEE_MEMBER: "业委会委员",
    Role.SYSTEM: "系统",
    Role.PROPERTY_MANAGER: "物业",
    Role.INSURER: "保险机构",
    Role.DISTRICT: "属地住建部门",
    Role.CLERK: "中心经办",
    Role.REVIEWER: "中心复核",
    Role.CASHIER: "中心出纳",
    Role.SUPERVISOR: "监督部门",
    Role.AUDITOR: "审计",
    Role.ADMINISTRATOR: "系统管理员",
}

# Three different people handle one case at the centre.
CASE_OFFICERS = frozenset({Role.CLERK, Role.REVIEWER, Role.CASHIER})
# Companies with an interest in the case; nobody is one of these and its officer.
INTERESTED_COMPANIES = frozenset({Role.PROPERTY_MANAGER, Role.INSURER})
# Whose own right another of their kind may hold in their stead for a time (代办).
DELEGABLE = CASE_OFFICERS | {Role.PROPERTY_MANAGER}
OFFICERS = CASE_OFFICERS | {
    Role.SUPERVISOR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
}
# Whoever may read the papers of a case and the reasons of its steps.
TAKES_PART = OFFICERS | {
    Role.DISTRICT,
    Role.APPLICANT,
    Role.COMMITTEE_MEMBER,
    Role.PROPERTY_MANAGER,
    Role.INSURER,
}

# One of them enters another account of an insurer, another one confirms it.
PAYEE_OFFICERS = (Role.REVIEWER, Role.CASHIER, Role.CLERK)
# They enter insurers, for how long the city selected them, and their clauses.
INSURER_KEEPERS = (Role.CLERK, Role.REVIEWER)
# One of them enters other figures of an opening balance, another one confirms them.
BOOK_OFFICERS = PAYEE_OFFICERS
# They read what stands in the books.
BOOK_READERS = (*BOOK_OFFICERS, Role.SUPERVISOR, Role.AUDITOR)
# One of them enters that a property company took over another one, another one confirms it.
COMPANY_OFFICERS = (Role.REVIEWER, Role.CLERK, Role.ADMINISTRATOR)

# Who acts for each kind of applicant.
APPLICANT_ROLES = {
    "owners": Role.OWNER,
    "committee": Role.COMMITTEE_MEMBER,
    "property_company": Role.PROPERTY_MANAGER,
    "independent_owner": Role.OWNER,
}
# Applicants of whom owners are told.
OF_OWNERS = tuple(kind for kind, role in APPLICANT_ROLES.items() if role is Role.OWNER)


def applicant_role(applicant: str, on_paper: bool) -> Role:
    """The part that acts for those who applied, and stands on record: for owners who applied on
    paper it is the clerk at the counter, who enters what they sign."""
    return Role.CLERK if on_paper else APPLICANT_ROLES[applicant]


def keeper_of(role: Role) -> Role:
    """Who gives and takes back this role: administrators that of the centre, of districts and of
    those who watch it, clerks that of companies."""
    return Role.ADMINISTRATOR if role in OFFICERS | {Role.DISTRICT} else Role.CLERK


# The scope a grant of each role has.
GRANT_SCOPES = {
    Role.PROPERTY_MANAGER: "estate",
    Role.INSURER: "insurer",
    Role.DISTRICT: "district",
    **dict.fromkeys(sorted(OFFICERS), "city"),
}
