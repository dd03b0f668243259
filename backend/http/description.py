"""The description of the API (OpenAPI): what the routes and models cannot say of themselves.

Every field has its words and an example from the demo city in `fields.toml`; every refusal lists
its codes, as the route declares them; and the reader is told where a token comes from.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any

from flask import Response
from flask_openapi3.models.info import Info
from flask_openapi3.models.security_scheme import SecurityScheme
from flask_openapi3.models.server import Server
from flask_openapi3.openapi import OpenAPI

from backend.domain.refusals import BY_KIND, BY_STATUS
from backend.http.routes import DECLARATIONS, Declaration, DescribedLater

Json = dict[str, Any]

INFO = Info(
    title="梯保 Tibao",
    version="1",
    description="""住宅专项维修资金增值收益购买电梯维修保险：接口说明。

**怎样取得 token**：多数接口要先登录。

1. 本机演示（`make run`）：启动时印出“微信模拟器”的地址。对它发
   `POST /sandbox/people/办示例 中心经办/login-code`，得到一个 `code`；换成别的人名，就是别的身份。
   正式环境由小程序调用 `wx.login` 得到 `code`。
2. 用这个 `code` 调用 `POST /api/v1/sessions`，答复里的 `token` 七天有效，只显示这一次。
3. 点右上方的 Authorize 填入 token；自己写程序时放进请求头 `Authorization: Bearer <token>`。

**办理一次**：写操作带上 `Idempotency-Key`，网络中断后用同一个值重发，不会办两次。

**拒绝**：答复是 `{"errors": [{"code", "message", "field"}], "request_id"}`。程序看 `code`，
`message` 给人看。每个接口列出自己会用到的代码；此外，任何接口都可能答复 503 `busy`（稍后再试）和
500 `internal_error`。

**金额**一律是整数分；**时刻**是带时区的 ISO 8601。例子取自演示小区，都是虚构的。""",
)
SESSION = SecurityScheme(
    type="http",
    scheme="bearer",
    description="`POST /api/v1/sessions` 答复里的 token。`code` 在本机演示时来自微信模拟器的 "
    "`POST /sandbox/people/{姓名}/login-code`，正式环境来自 wx.login。",
)
# Of the same host as the description itself: it is read on many ports and names.
SERVERS = [Server(url="/", description="本服务")]
ERRORS = {"schema": {"$ref": "#/components/schemas/Errors"}}
REFUSED = {
    400: "请求读不懂",
    401: "没有登录，或登录已失效",
    403: "本人不能办理",
    404: "没有，或本人无权知道",
    408: "内容没有在时限内传完",
    409: "案件、他人或另一次请求使它不能办理",
    413: "内容太大",
    415: "内容类型不受支持",
    422: "内容不合要求，一次列出全部问题",
    429: "次数太多",
    503: "暂时不能提供，请稍后再试",
}
MEANINGS = {code: meaning for codes in BY_KIND.values() for code, meaning in codes.items()} | {
    code: meaning for code, (_, meaning) in BY_STATUS.items()
}


class Described(OpenAPI):
    """An app whose description is complete, and whose page of it everybody can use."""

    def __init__(self, *names: Any, **options: Any) -> None:
        """As any app with a description."""
        super().__init__(*names, **options)
        self.config["SWAGGER_HTML_STRING"] = _beside("templates/api_page.html")
        self._told: bytes | None = None
        self._telling = Lock()
        self.view_functions["openapi.doc_url"] = self._tell

    def _tell(self) -> Response:
        """The description, written once: it is a megabyte, and strangers may ask for it."""
        with self._telling:
            if self._told is None:
                self._told = self.make_response(self.api_doc).get_data()
        return Response(self._told, mimetype="application/json")

    def generate_spec_json(self) -> None:
        """Make the description once."""
        for blueprint in self.blueprints.values():
            if isinstance(blueprint, DescribedLater):
                self._describe(blueprint)
        super().generate_spec_json()  # type: ignore[no-untyped-call]  # the library has no type here
        complete(self.spec_json)

    def _describe(self, blueprint: DescribedLater) -> None:
        """Add its routes, beside those of others at the same paths."""
        blueprint.describe()
        for path, item in blueprint.paths.items():
            known = self.paths.get(path)
            for verb in known.model_fields_set if known else ():
                setattr(item, verb, getattr(known, verb))
        self.tags += [tag for tag in blueprint.tags if tag not in self.tags]
        self.paths.update(blueprint.paths)
        self.components_schemas.update(blueprint.components_schemas)


@cache
def fields() -> Mapping[str, list[Any]]:
    """By name, or `Model.name`: what a field is, and an example where one helps."""
    return tomllib.loads(_beside("fields.toml"))


def _beside(name: str) -> str:
    return files("backend.http").joinpath(name).read_text("utf-8")


def complete(description: Json) -> None:
    """Add what is missing to a description that was made from routes and models."""
    for model, schema in description["components"]["schemas"].items():
        for name, field in schema.get("properties", {}).items():
            _describe(field, model, name)
    declared = {name.partition(".")[2]: found for name, found in DECLARATIONS.items()}
    for operation in operations(description):
        if "description" in operation:
            lines = operation["description"].split("<br/>")
            operation["description"] = "\n".join(lines).strip()
        for parameter in operation.get("parameters", ()):
            _describe_parameter(parameter)
        _name_codes(operation["responses"], declared[operation["operationId"]])


def operations(description: Json) -> Iterator[Json]:
    """Every operation there is."""
    for path in description["paths"].values():
        yield from path.values()


def _describe(field: Json, place: str, name: str) -> None:
    words, *example = fields().get(f"{place}.{name}") or fields().get(name) or [None]
    if words and "description" not in field:
        field["description"] = words
    if example and "examples" not in field:
        field["examples"] = example


def _describe_parameter(parameter: Json) -> None:
    schema = parameter.get("schema", {})
    _describe(schema, parameter["in"], parameter["name"])
    if "description" in schema:
        parameter.setdefault("description", schema.pop("description"))


def _name_codes(responses: Json, declared: Declaration) -> None:
    for status, codes in declared.by_status.items():
        meant = [f"- `{code}`：{MEANINGS[code]}" for code in codes]
        responses[str(status)] = {
            "description": "\n".join([f"{REFUSED[status]}：", "", *meant]),
            "content": {"application/json": {**ERRORS, "example": _refusal(codes[0])}},
            "x-refusal-codes": list(codes),
        }


def _refusal(code: str) -> Json:
    item = {"code": code, "message": "给人看的一句话，写明该怎么办", "field": None}
    return {"errors": [item], "request_id": "6e1f0c9a3b5d7e8f90a1b2c3"}
