"""API and desk in one process, each on its port, for one machine; a town's servers have one for
each, started by the web server itself."""

import asyncio
import os
import signal
from collections.abc import Sequence

import click
import uvloop
from granian.constants import HTTPModes, Interfaces, TaskImpl
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from backend import app, desk_app
from backend.commands.one_line import migrating_option
from backend.http.room import CONNECTIONS
from backend.http.served import Served
from backend.http.serving import HEADER_BYTES, HEADER_MILLISECONDS
from backend.programs.api import begin

STOP_SECONDS = 8  # supervisord waits ten, and whoever sends headers slowly has as many


@click.command()
@migrating_option
def web(migrating: bool) -> None:
    """在一个进程里提供接口和工作台（单机试用）。"""
    runtime = begin("web", migrating)
    settings = runtime.settings
    servers = [
        _server(app.served(runtime), settings.api_host, settings.api_port),
        _server(desk_app.served(runtime), settings.api_host, settings.desk_port),
    ]
    told_to_end: list[int] = []
    try:
        uvloop.run(_serve(servers, told_to_end))
    except RuntimeError as error:
        # A port that somebody else has. Who is told to end while it answers ends too, but asyncio
        # finds granian's own tasks among its own and stumbles over them (decision 73).
        if not told_to_end:
            raise SystemExit(f"web: {str(error).partition(chr(10))[0]}") from None


def _server(served: Served, host: str, port: int) -> Server:
    """As production's `SERVING` says it; both share the process's open files."""
    return Server(
        served,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        task_impl=TaskImpl.rust,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=CONNECTIONS // 2,
        log_level=LogLevels.error,  # it warns at each start that embedding is experimental
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES
        ),
    )


async def _serve(servers: Sequence[Server], told_to_end: list[int]) -> None:
    """Until told to end, by a signal that is noted; with one of them all end."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server in servers:
            server.stop()  # type: ignore[no-untyped-call]  # granian has no type here

    def end(number: int) -> None:
        told_to_end.append(number)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    serving = [asyncio.ensure_future(server.serve()) for server in servers]
    await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
    stop()
    done, late = await asyncio.wait(serving, timeout=STOP_SECONDS)
    for each in done:
        each.result()
    if late:  # granian itself would wait for whoever is still sending headers
        os._exit(0)
