"""Who does what (domain of the two plans: 居民、业主、业委会、物业、保险机构、市住保中心、领导小组、审计)."""

from enum import StrEnum


class Role(StrEnum):
    """A part someone plays in a purchase. The first two come from the roster, `system` is the house
    itself, the rest are granted."""

    OWNER = "owner"
    COMMITTEE_MEMBER = "committee_member"
    SYSTEM = "system"
    PROPERTY_MANAGER = "property_manager"
    INSURER = "insurer"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.OWNER: "业主",
    Role.COMMITTEE_MEMBER: "业委会委员",
    Role.SYSTEM: "系统",
    Role.PROPERTY_MANAGER: "物业",
    Role.INSURER: "保险机构",
    Role.CLERK: "中心经办",
    Role.REVIEWER: "中心复核",
    Role.CASHIER: "中心出纳",
    Role.SUPERVISOR: "监督部门",
    Role.AUDITOR: "审计",
    Role.ADMINISTRATOR: "系统管理员",
}

# Three different people handle one case at the centre.
CASE_OFFICERS = frozenset({Role.CLERK, Role.REVIEWER, Role.CASHIER})
OFFICERS = CASE_OFFICERS | {Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR}

# The scope a grant of each role has.
GRANT_SCOPES = {
    Role.PROPERTY_MANAGER: "estate",
    Role.INSURER: "insurer",
    **dict.fromkeys(sorted(OFFICERS), "city"),
}
