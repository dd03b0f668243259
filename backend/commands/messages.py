"""Messages on the server: what waits, what failed, what was given up, and what to do about it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from backend.commands.one_line import OneLineGroup, json_option
from backend.commands.runtime import open_runtime
from backend.domain.channels import CHANNELS
from backend.domain.messages import STATE_NAMES, WAY_NAMES, outcome_words, title_of
from backend.domain.wording import minute
from backend.services.messages import again, operating
from backend.services.reads.message_pages import part_name
from backend.store.messages import OutboxState

MOST = 50

STATES = click.Choice([str(each) for each in OutboxState])
REASON = click.option("--reason", required=True, help="理由，会存档")
LIMIT = click.option(
    "--limit", type=click.IntRange(1, 1000), default=MOST, show_default=True, help="最多列出多少条"
)


@click.group(cls=OneLineGroup)
def outbox() -> None:
    """要发出的消息：排着多少、哪些没有送达；重发，或者不再发送。"""


@outbox.command("list")
@click.option(
    "--state", type=click.Choice([str(each) for each in OutboxState]), help="只列这个状态的消息"
)
@LIMIT
@json_option
def list_messages(state: str | None, limit: int, as_json: bool) -> None:
    """没有 --state：每条途径、每种状态各有多少，最早的是哪天写的。"""
    ctx = open_runtime().ctx
    if state is None:
        depths = operating.depths(ctx)
        lines = [
            f"{x.channel} {STATE_NAMES[x.state]} {x.number} 条，最早的写于{minute(x.oldest)}"
            for x in depths
        ]
        _tell(as_json, [asdict(each) for each in depths], lines)
        return
    rows = operating.messages(ctx, OutboxState(state), limit)
    lines = [
        f"{row.id} {minute(row.written_at)} {title_of(row.template)} {row.case or ''} "
        f"{outcome_words(row.outcome)}".rstrip()
        for row in rows
    ]
    _tell(as_json, [asdict(row) for row in rows], lines)


@outbox.command()
@click.argument("message_id", type=click.UUID)
@json_option
def show(message_id: UUID, as_json: bool) -> None:
    """一条消息：说的什么事、给什么身份、走哪条途径、结果如何（没有内容和姓名）。"""
    row = operating.message(open_runtime().ctx, message_id)
    values = {
        "编号": row.id,
        "写于": minute(row.written_at),
        "什么事": title_of(row.template),
        "给什么身份": part_name(row.role),
        "途径": WAY_NAMES.get(row.channel, row.channel),
        "状态": STATE_NAMES[row.state],
        "结果": outcome_words(row.outcome),
        "发过几次": row.attempts,
        "结束于": minute(row.settled_at) if row.settled_at else "",
        "案件": row.case or "",
        "小区": row.estate or "",
    }
    _tell(as_json, asdict(row), [f"{name}：{value}" for name, value in values.items()])


@outbox.command()
@click.argument("message_id", type=click.UUID)
@REASON
def resend(message_id: UUID, reason: str) -> None:
    """没有送达的消息再发一次。"""
    again.send_again(open_runtime().ctx, None, message_id, reason)
    click.echo("已重发")


@outbox.command()
@click.argument("message_id", type=click.UUID)
@REASON
def drop(message_id: UUID, reason: str) -> None:
    """等待发送的消息不再发送。"""
    again.drop_message(open_runtime().ctx, message_id, reason)
    click.echo("不再发送")


@click.group("dead-letters", cls=OneLineGroup)
def dead_letters() -> None:
    """搁置的回调：微信推来、几次都没有处理成的。"""


@dead_letters.command("list")
@LIMIT
@json_option
def list_dead_letters(limit: int, as_json: bool) -> None:
    """最近的在前。"""
    rows = operating.given_up(open_runtime().ctx, limit)
    lines = [f"{x.id} {minute(x.received_at)} 试过{x.attempts}次：{x.error}" for x in rows]
    _tell(as_json, [asdict(row) for row in rows], lines)


@dead_letters.command()
@click.argument("callback_id", type=click.UUID)
@REASON
def replay(callback_id: UUID, reason: str) -> None:
    """排除故障以后，再处理一次。"""
    again.take_up_callback(open_runtime().ctx, None, callback_id, reason)
    click.echo("重新处理")


@dead_letters.command("drop")
@click.argument("callback_id", type=click.UUID)
@REASON
def drop_dead_letter(callback_id: UUID, reason: str) -> None:
    """不再处理。"""
    again.drop_callback(open_runtime().ctx, callback_id, reason)
    click.echo("不再处理")


@click.group(cls=OneLineGroup)
def channels() -> None:
    """发消息的途径：哪条停了、为什么、几点再试。"""


@channels.command("list")
@json_option
def list_channels(as_json: bool) -> None:
    """停了的途径在前。"""
    closed = operating.closed(open_runtime().ctx)
    lines = [
        f"{x.channel} 从{minute(x.since)}起停：{x.reason} {x.errcode or ''}，"
        f"{minute(x.probe_at)}再试"
        for x in closed
    ]
    open_ones = sorted(CHANNELS.keys() - {each.channel for each in closed})
    lines += [f"{name} 正常" for name in open_ones]
    _tell(as_json, {"closed": [asdict(each) for each in closed], "open": open_ones}, lines)


@channels.command("try")
@click.argument("name", type=click.Choice(sorted(CHANNELS)))
@REASON
def try_now(name: str, reason: str) -> None:
    """停了的途径现在就试：下一条消息去试，通了就恢复。"""
    again.try_channel(open_runtime().ctx, name, reason)
    click.echo("下一条消息去试")


@click.command()
@LIMIT
@json_option
def deadlines(limit: int, as_json: bool) -> None:
    """正在计算的期限，最先到期的在前。"""
    rows = operating.limits(open_runtime().ctx, limit)
    lines = [f"{minute(row.ends_before)} {row.number} {row.title}" for row in rows]
    _tell(as_json, [asdict(row) for row in rows], lines)


def _tell(as_json: bool, values: object, lines: Sequence[str]) -> None:
    document = json.dumps(values, ensure_ascii=False, default=_plain)
    click.echo(document if as_json else "\n".join(lines or ["没有"]))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
