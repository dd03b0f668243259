"""The sections of the desk, in the order of the left side, and who is shown them.

Who may read a page is for its service to say; here stands only whom the way to it is shown, from
the same tables.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from backend.domain.roles import Role
from backend.services.batches import due
from backend.services.printing.requests import PRINTERS
from backend.services.reads import (
    audit_views,
    city_values,
    dashboard,
    income_pages,
    insurer_pages,
    message_pages,
    moderation_pages,
    objection_pages,
    rights,
)
from backend.services.workbooks import imports


@dataclass(frozen=True)
class Section:
    """A way on the left side; `parts` are the blueprints, or single endpoints, whose pages belong
    to it, `roles` whom it is shown (None: everybody who is signed in)."""

    title: str
    endpoint: str
    parts: Collection[str]
    roles: Collection[Role] | None = None


MAY_APPLY = (Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER, Role.CLERK, Role.DISTRICT)
PEOPLE = ("people", "person", "inviting", "handing_over", "second_factor.listed")
ESTATES = ("estates", "registry", "affording.estate")
OBJECTIONS = ("objection_list", "objections")
INCOME = (
    *(
        "income",
        "agreements",
        "closes",
        "statements",
        "transfers",
        "past_income",
        "decisions",
        "locks",
    ),
    "fund_batches",
    "affording.city",
)
SECTIONS = (
    Section("今日待办", "today.today", ("today", "proposals")),
    Section("案件", "case_list.cases", ("case_list", "case", "letters", "photos")),
    Section("异议", "objection_list.objections", OBJECTIONS, objection_pages.READERS),
    Section("新的申请", "applications.estates", ("applications", "screenings"), MAY_APPLY),
    Section("小区与电梯", "estates.estates", ESTATES),
    Section("拨付", "payments.due_now", ("payments",), due.READERS),
    Section("收益与账户", "income.accounts", INCOME, income_pages.READERS),
    Section("保险机构", "insurers.insurers", ("insurers",), insurer_pages.READERS),
    Section("原文审核", "moderation.words", ("moderation",), moderation_pages.READERS),
    Section("海报", "posters.posters", ("posters",), PRINTERS),
    Section("消息", "messages.messages", ("messages",), message_pages.READERS),
    Section("导入", "imports.imports", ("imports",), imports.READERS),
    Section("我的文件", "ordered.mine", ("ordered",)),
    Section("人员与授权", "people.people", PEOPLE, rights.READERS),
    Section("更正请求", "rectifications.waiting", ("rectifications",), (Role.CLERK,)),
    Section("进度", "progress.progress", ("progress",), objection_pages.READERS),
    Section("看板", "dashboard.dashboard", ("dashboard",), dashboard.READERS),
    Section("审计", "audit.overview", ("audit",), audit_views.READERS),
    Section("城市参数", "city.city", ("city",), city_values.READERS),
)


def shown_to(held: Collection[Role]) -> Sequence[Section]:
    """The sections for whoever holds these roles."""
    return [each for each in SECTIONS if each.roles is None or not set(held).isdisjoint(each.roles)]


def section_of(endpoint: str) -> Section | None:
    """The section to which a page belongs; None for what is nobody's part, such as the search."""
    names = {endpoint, endpoint.partition(".")[0]}
    return next((each for each in SECTIONS if not names.isdisjoint(each.parts)), None)
