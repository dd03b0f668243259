"""What stands where it was not sealed is shown to nobody; a forgotten program is not ready."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.services.base.own_words import keep_name
from backend.services.people.key_check import note_key
from backend.store.cipher import Cipher
from backend.store.people import Person
from tests.build.calling import SignIn, told
from tests.build.context import SETTINGS
from tests.build.databases import Database
from tests.build.sealing import owners_sessions
from tests.build.village import Village


def test_a_name_that_was_moved_is_not_shown_and_the_page_says_whom_to_ask(
    client: FlaskClient, village: Village, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    anna, bert = sign_in("安娜"), sign_in("伯特")
    with village.ctx.sessions() as tx:
        one, other = (
            tx.scalars(select(Person).where(Person.id == who.id)).one() for who in (anna, bert)
        )
        keep_name(village.ctx.cipher, one, "张示安")
        keep_name(village.ctx.cipher, other, "李示宁")
        one.name_sealed, other.name_sealed = other.name_sealed, one.name_sealed
        tx.commit()
    for who in (anna, bert):
        answer = client.get("/api/v1/me", headers=who.headers)
        assert answer.status_code == 500
        (error,) = told(answer)["errors"]
        assert error["code"] == "internal_error"
        assert "请联系中心核查" in error["message"]
        assert f"person.name_sealed of row {who.id}" in caplog.text
        for words in (answer.text, caplog.text):
            assert "示" not in words.replace("演示", "")


def test_a_program_without_the_new_key_is_not_ready(app: Flask, database: Database) -> None:
    first = SETTINGS.secret_key.get_secret_value()
    ready = app.test_client()
    with owners_sessions(database) as owner:
        note_key(owner, Cipher(first))
        assert ready.get("/readyz").status_code == 200
        note_key(owner, Cipher("a second secret for tests only, long enough", first))
    answer = ready.get("/readyz")
    assert (answer.status_code, told(answer)["failing"]) == (503, ["key"])
