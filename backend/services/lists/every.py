"""The lists that grow with the city, by the names under which they are ordered and saved."""

from collections.abc import Mapping

from backend.services.lists import (
    cases,
    estates,
    income,
    insurers,
    lifts,
    messages,
    moderation,
    objections,
    rights,
)
from backend.services.lists.desk_list import DeskList

LISTS: Mapping[str, DeskList] = {
    "cases": cases.LIST,
    "lifts": lifts.LIST,
    "estates": estates.LIST,
    "posters": estates.POSTERS,
    "rights": rights.LIST,
    "moderation": moderation.LIST,
    "messages": messages.LIST,
    "objections": objections.LIST,
    "insurers": insurers.LIST,
    "deposits": income.DEPOSITS,
    "interest": income.INTEREST,
    "shares": income.SHARES,
}
