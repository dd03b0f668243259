"""Who plays in the demo, all of it invented; roster names stand in the demo workbooks."""

from dataclasses import dataclass

ESTATE_CODE = "DEMO-0001"
ACCOUNT = "DEMO-TC-0101"
BUILDING = "1栋"  # whose account that is
BANK = "DEMO-BANK-0001"  # where the money of that account lies
OTHER_BANK = "DEMO-AGRI-0001"
INSURER = "示例财产保险股份有限公司（虚构）"
BUYER = "示例花园（虚构）全体业主"
OWNERS_FLAT = ("1栋", "1单元", "102")


@dataclass(frozen=True)
class Player:
    """A person of the demo: a short key, name and office, the role played, an invented phone."""

    key: str
    name: str
    office: str
    role: str
    phone: str

    @property
    def shown(self) -> str:
        """How the emulator lists them."""
        return f"{self.name} {self.office}"


CAST = {
    player.key: player
    for player in (
        Player("administrator", "管示例", "系统管理员", "administrator", "19900009901"),
        Player("clerk", "办示例", "中心经办", "clerk", "19900009902"),
        Player("reviewer", "核示例", "中心复核", "reviewer", "19900009903"),
        Player("cashier", "纳示例", "中心出纳", "cashier", "19900009904"),
        Player("supervisor", "督示例", "领导小组", "supervisor", "19900009905"),
        Player("auditor", "审示例", "审计", "auditor", "19900009906"),
        Player("manager", "物示例", "物业经理", "property_manager", "19900009907"),
        Player("insurer", "保示例", "保险机构", "insurer", "19900009908"),
        Player("chair", "姜示安", "业委会主任", "committee_member", "19900000031"),
        Player("deputy", "章示嘉", "业委会副主任", "committee_member", "19900000319"),
        Player("member", "郑示俭", "业委会委员", "committee_member", "19900000607"),
        Player("fourth", "章示让", "业委会委员", "committee_member", "19900000799"),
        Player("owner", "钱示安", "1栋业主", "owner", "19900000002"),
        Player("newcomer", "孙示安", "待认证业主", "owner", "19900000003"),
        Player("district", "区示例", "属地住建部门", "district", "19900009910"),
        Player("alone", "独示例", "独立产权人", "owner", "19900009911"),
        Player("resident", "住示例", "住户", "resident", "19900009909"),
    )
}
# Who plays only where estates are screened by their district.
SCREENERS = ("district",)
# Who plays only where an owner insures alone, and the house.
ALONE = "alone"
HOUSE = ("99栋", "1单元", "101")
SERVICE_ROLES = ("clerk", "reviewer", "cashier", "supervisor", "auditor")
OFFICERS = ("administrator", *SERVICE_ROLES, "manager", "insurer", *SCREENERS)
COMMITTEE = ("chair", "deputy", "member", "fourth")
