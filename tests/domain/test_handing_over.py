"""Handing over cases: what keeps a successor from one is what the step would refuse later."""

from uuid import UUID, uuid4

import pytest

from backend.domain.facts import ActorFact
from backend.domain.handing_over import Candidate, heirs, obstacles, version_of
from backend.domain.roles import OFFICERS, ROLE_NAMES, Role, keeper_of

WHO, OTHER = uuid4(), uuid4()
THREE = ("clerk", "reviewer", "cashier")


def candidate(fact: ActorFact, *, holds: bool = True, kept_out: bool = False) -> Candidate:
    return Candidate(holds, kept_out, fact)


def acted(role: Role, who: UUID = WHO) -> dict[Role, frozenset[UUID]]:
    return {role: frozenset({who})}


def test_who_did_nothing_in_a_case_and_holds_the_role_may_take_it() -> None:
    assert obstacles(Role.REVIEWER, candidate(ActorFact(WHO)), THREE) == []


def test_every_reason_is_named_at_once() -> None:
    fact = ActorFact(WHO, is_party=True, officers=acted(Role.CLERK))
    found = obstacles(Role.REVIEWER, candidate(fact, holds=False, kept_out=True), THREE)
    assert found == [
        "没有中心复核的授权",
        "已停用",
        "与本案有利害关系",
        "在本案中已办过中心经办",
    ]


def test_who_stands_in_for_an_officer_of_the_case_is_as_forbidden_as_that_one() -> None:
    fact = ActorFact(WHO, officers=acted(Role.CLERK, OTHER), stands_in_for={Role.REVIEWER: OTHER})
    assert obstacles(Role.REVIEWER, candidate(fact), THREE) == ["在本案中已办过中心经办"]
    assert obstacles(Role.CASHIER, candidate(fact), THREE) == []


def test_where_the_city_lets_two_roles_be_one_person_nothing_is_in_the_way() -> None:
    fact = ActorFact(WHO, officers=acted(Role.CLERK))
    assert obstacles(Role.REVIEWER, candidate(fact), ("reviewer", "cashier")) == []


def test_an_officer_of_the_case_does_not_go_on_for_a_company() -> None:
    fact = ActorFact(WHO, officers=acted(Role.CLERK))
    assert obstacles(Role.INSURER, candidate(fact), THREE) == ["与本案有利害关系"]


def test_heirs_are_those_without_an_obstacle() -> None:
    free, busy = uuid4(), uuid4()
    people = {
        busy: candidate(ActorFact(busy, officers=acted(Role.CASHIER, busy))),
        free: candidate(ActorFact(free)),
    }
    assert heirs(Role.CLERK, people, THREE) == [free]


def test_a_preview_has_one_word_whatever_the_order_and_another_one_for_other_cases() -> None:
    one, two, three = (UUID(int=number) for number in range(3))
    assert version_of([one, two], [three]) == version_of([two, one], [three])
    assert version_of([one, two], [three]) != version_of([one], [two, three])
    assert version_of([one, two], []) != version_of([], [one, two])


@pytest.mark.parametrize("role", list(Role))
def test_administrators_keep_the_roles_of_the_centre_and_clerks_those_of_companies(
    role: Role,
) -> None:
    kept = role in OFFICERS or role is Role.DISTRICT
    assert keeper_of(role) is (Role.ADMINISTRATOR if kept else Role.CLERK)
    assert ROLE_NAMES[role]
