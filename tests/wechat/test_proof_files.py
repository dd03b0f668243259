"""WeChat's consoles ask for a file that only the owner of a domain can serve."""

from pathlib import Path

import pytest
from flask import Flask

from backend.api.public import light_pages
from backend.wechat.proof_files import proof_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the consoles gave: one file for the domain, one for the address rule."""
    proof = tmp_path / "proof"
    proof.mkdir()
    (proof / "MP_verify_a1B2c3.txt").write_text("a1B2c3")
    (proof / "abc.txt").write_text("0123456789abcdef")
    (tmp_path / "secret.txt").write_text("nobody's business")
    return proof


@pytest.fixture
def app(folder: Path) -> Flask:
    """The pages behind the printed codes, and the proof files beside them."""
    app = Flask("proofs")
    app.register_blueprint(light_pages.pages)
    app.register_blueprint(proof_files(folder))
    return app


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/MP_verify_a1B2c3.txt", b"a1B2c3"),
        ("/e/abc.txt", b"0123456789abcdef"),
    ],
)
def test_a_proof_is_served_where_the_console_looks_for_it(
    app: Flask, path: str, content: bytes
) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.data) == (200, content)
    assert answer.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("name", ["missing", "../secret", "..%2Fsecret", "a" * 65, "a b"])
def test_nothing_else_is_served(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/{name}.txt").status_code == 404


def test_a_large_file_is_no_proof(app: Flask, folder: Path) -> None:
    (folder / "large.txt").write_bytes(b"0" * 5000)
    assert app.test_client().get("/large.txt").status_code == 404
