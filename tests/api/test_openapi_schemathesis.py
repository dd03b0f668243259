"""Generated requests against the served description: no 5xx, no undocumented answer."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.domain.tokens import token_text
from backend.services.people import lockouts
from backend.store.notices import PublicNotice
from backend.store.people import AccessGrant
from backend.store.registry import LiftToken
from tests.build.players import Players
from tests.build.village import TOKEN

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))

CONFIG = """
base-url = "http://127.0.0.1:{port}"
color = false
[headers]
Authorization = "Bearer {token}"
[parameters]
{parameters}
[generation]
max-examples = 5
database = "none"
deterministic = true
[phases.coverage]
# Methods that a path does not have are all refused by one handler.
unexpected-methods = ["TRACE"]
[phases.stateful]
enabled = false
[checks]
# A valid request may be refused: roles and states are no part of a description.
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422]
[[operations]]
# They would end the session of all that follow.
include-name = ["DELETE /api/v1/sessions/current", "DELETE /api/v1/sessions"]
enabled = false
"""


def everything_there(players: Players) -> dict[str, object]:
    """A case in the middle of its way, and a clerk with every other role; ids by parameter."""
    village = players.village
    purchase, notice_id = village.posted()
    words = {"kind": "price", "text": "保费偏高，请公布比选过程"}
    objection = players.did("owner0", f"/notices/{notice_id}/objections", words, 201)
    verification = {
        "estate_code": "E1",
        "building": "1栋",
        "unit": "1单元",
        "room": "101",
        "name": "冯样零",
    }
    verification = players.did("stranger", "/owner-verifications/owner", verification, 201)
    wrong = {"what": "房屋", "text": "应为 102"}
    request = players.did("owner1", "/me/rectification-requests", wrong, 201)
    token = token_text(bytes(16))
    with village.ctx.sessions() as tx:
        notice = tx.get_one(PublicNotice, notice_id)
        stranger = village.actor("stranger").person_id
        tx.add(LiftToken(token=token, lift_id=village.lifts[0], issued_at=village.clock()))
        grants = tx.scalars(select(AccessGrant)).all()
        for grant in grants:
            if grant.person_id != village.actor("clerk").person_id:
                tx.add(
                    AccessGrant(
                        person_id=village.actor("clerk").person_id,
                        role=grant.role,
                        scope_kind=grant.scope_kind,
                        scope_id=grant.scope_id,
                        granted_at=village.clock(),
                    )
                )
        tx.commit()
        return {
            "purchase_id": purchase.id,
            "notice_id": notice_id,
            "plan_id": purchase.plan_id,
            "estate_id": village.estate,
            "objection_id": objection["id"],
            "verification_id": verification["id"],
            "rectification_request_id": request["id"],
            "grant_id": grants[0].id,
            "lockout_id": lockouts.lock_out(village.ctx, None, stranger, "手机丢失"),
            "person_id": stranger,
            "number": notice.number,
            "token": token,
            "sha256": players.upload("clerk"),
        }


@pytest.mark.deep
def test_no_generated_request_gets_an_undocumented_answer(
    port: int, players: Players, tmp_path: Path
) -> None:
    ids = everything_there(players)
    parameters = "\n".join(f'"path.{name}" = "{value}"' for name, value in ids.items())
    config = tmp_path / "schemathesis.toml"
    token = TOKEN.format("clerk")
    config.write_text(CONFIG.format(port=port, token=token, parameters=parameters))
    description = f"http://127.0.0.1:{port}/openapi/openapi.json"
    words = [SCHEMATHESIS, "--config-file", str(config), "run", description]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = "\n".join(line[:300] for line in done.stdout.splitlines() if line.strip())
    assert done.returncode == 0, said + (tmp_path / "api.log").read_text()[-3000:]
