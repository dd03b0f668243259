"""The description of the API, for whoever makes types or clients from it."""

import click

from backend import wiring
from backend.app import create_app
from backend.config import load_settings
from backend.programs import api as api_program

DESCRIPTION = "/openapi/openapi.json"


@click.command()
def openapi() -> None:
    """输出接口说明（OpenAPI 3.1 JSON），不需要数据库。"""
    app = create_app(api_program.api_parts(wiring.build(load_settings())))
    click.echo(app.test_client().get(DESCRIPTION).get_data(as_text=True))
