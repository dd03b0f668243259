"""The sheets of the balances workbook, which the centre fills in from the fund's books."""

from dataclasses import replace

from backend.domain.city.schema import CityProfile
from backend.services.workbooks import cells, registry_sheets
from backend.services.workbooks.workbook import WorkbookSheet, optional, required

# Places are written as in the registry workbook.
ESTATE_CODE = registry_sheets.ESTATE_CODE
BUILDING = registry_sheets.BUILDING
UNIT = registry_sheets.UNIT
ROOM = registry_sheets.ROOM

BANK_NUMBER = required(
    "专户账号", cells.code, "维修资金在银行的专户，一份工作簿一个", "DEMO-BANK-01"
)
BANK_NAME = required("开户银行", cells.text, "", "示例银行吉首支行")
BANK_ON = required("余额日期", cells.day, "期初日期，各表须一致", "2024-12-31")
BANK_FEN = required(
    "银行余额（元）", cells.fen, "对账单上的余额；后来的小区填其中属于它们的部分", "1207907.40"
)
STATUTORY_FEN = required(
    "应付法定利息（元）", cells.fen, "属于业主、尚未分摊到户的利息；没有填 0", "0"
)
BANK = WorkbookSheet("银行", (BANK_NUMBER, BANK_NAME, BANK_ON, BANK_FEN, STATUTORY_FEN))

PRINCIPAL_FEN = required("本金余额（元）", cells.fen, "该户在余额日期的本金", "6000.00")
AS_OF = required("余额日期", cells.day, "与“银行”表一致", "2024-12-31")
# The income of a pool may lie at another bank than the principal: no flats there.
SUBLEDGER = WorkbookSheet(
    "分户账", (ESTATE_CODE, BUILDING, UNIT, ROOM, PRINCIPAL_FEN, AS_OF), needs_rows=False
)

ACCOUNT_NUMBER = required("账户编号", cells.code, "统筹账户的编号，不重复", "DEMO-TC-0001")
POOL_UNIT = optional("单元", cells.name, "按单元设账时填；按栋设账时留空", "")
OPENING_FEN = required(
    "期初余额（元）", cells.fen, "增值收益在余额日期存在这个专户的部分", "7907.40"
)
POOLS = WorkbookSheet("统筹账户", (ACCOUNT_NUMBER, ESTATE_CODE, BUILDING, POOL_UNIT, OPENING_FEN))

INSURER = required("保险机构", cells.company, "全称", "示例财产保险股份有限公司")
INSURER_PHONE = optional("电话", cells.public_phone, "", "0743-0000002")
PAYEE_BANK = required("开户银行", cells.text, "收保费的账户", "示例银行吉首支行")
PAYEE_ACCOUNT = required("银行账号", cells.code, "单元格设为“文本”格式", "DEMO-BX-0001")
SELECTED_FROM = optional("入选开始", cells.day, "未入选的留空", "2024-12-01")
SELECTED_LAST = optional("入选截止", cells.day, "含当日", "2026-11-30")
BASIS = optional("遴选依据", cells.text, "文件名称或公告编号", "示例公告〔2024〕1 号")
INSURERS = WorkbookSheet(
    "保险机构",
    (INSURER, INSURER_PHONE, PAYEE_BANK, PAYEE_ACCOUNT, SELECTED_FROM, SELECTED_LAST, BASIS),
    needs_rows=False,
)

BALANCES_SHEETS = (BANK, SUBLEDGER, POOLS, INSURERS)


def sheets_for(city: CityProfile) -> tuple[WorkbookSheet, ...]:
    """What the workbook of a city holds: where the whole city has one pool (SG 五（三）), no
    building has an account of its own."""
    if not whole_citys(city):
        return BALANCES_SHEETS
    return (BANK, SUBLEDGER, replace(POOLS, needs_rows=False), INSURERS)


def whole_citys(city: CityProfile) -> bool:
    """Whether the city's pools alone have the value-added income: what went to an account of a
    building no case could spend."""
    return city.income.account_holders.value == ("city",)
