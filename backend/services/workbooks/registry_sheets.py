"""The sheets of the registry workbook, which the property company fills in for one estate."""

from backend.domain.normal import normal_place
from backend.services.workbooks import cells
from backend.services.workbooks.workbook import Column, Row, WorkbookSheet, optional, required

YES_NO = ("是", "否")

ESTATE_CODE = required("小区编号", cells.code, "由中心编发，同一小区始终不变", "DEMO-001")
ESTATE_NAME = required("小区名称", cells.text, "登记名称", "示例花园（虚构）")
ADDRESS = required("地址", cells.text, "到门牌号", "示例路 1 号")
DISTRICT = required("所属区域", cells.text, "街道或区", "示例街道")
COMPANY = optional("物业公司", cells.company, "全称；没有物业时留空", "示例物业服务有限公司")
CREDIT_CODE = optional(
    "统一社会信用代码", cells.credit_code, "物业公司的，18 位", "91433100DEMO000001"
)
COMPANY_PHONE = optional("物业电话", cells.public_phone, "固定电话带区号", "0743-0000000")
ESTATE = WorkbookSheet(
    "小区",
    (ESTATE_CODE, ESTATE_NAME, ADDRESS, DISTRICT, COMPANY, CREDIT_CODE, COMPANY_PHONE),
)

BUILDING = required("楼栋", cells.name, "各表写法须一致", "1栋", "1栋")
UNIT = required("单元", cells.name, "各表写法须一致；不分单元的填“1单元”", "1单元", "2单元")
UNITS = WorkbookSheet("楼栋单元", (BUILDING, UNIT))

ROOM = required("房号", cells.name, "同一单元内不重复", "101", "102")
AREA = required("建筑面积（平方米）", cells.area_dm2, "最多两位小数，不带单位", "89.35", "102.6")
OWNER_NAMES = optional("业主姓名", cells.names, "多人用“、”分隔", "张示安", "李示宁、王示和")
OWNER_PHONES = optional(
    "业主电话",
    cells.person_phones,
    "顺序与姓名一致，没有的写“无”；留空则保留系统中原有电话",
    "19900000001",
    "19900000002、无",
)
HOUSEHOLDS = WorkbookSheet("房屋业主", (BUILDING, UNIT, ROOM, AREA, OWNER_NAMES, OWNER_PHONES))

REGISTRATION_CODE = required(
    "注册代码", cells.code, "使用登记证上的代码；单元格设为“文本”格式", "DEMO3110000001"
)
LIFT_UNITS = required(
    "单元", cells.place_names, "服务几个单元的用“、”分隔，先写电梯所在的单元", "1单元"
)
LIFT_NAME = required("电梯名称", cells.name, "居民平时的叫法，同一单元内不重复", "1号梯")
BRAND = optional("品牌", cells.text, "", "示例牌")
INSTALLED_ON = required("安装日期", cells.day, "如 2015-06-01", "2015-06-01")
INSPECTION_ON = optional("下次检验日期", cells.day, "检验标志上的日期", "2025-08-01")
MAINTAINER = optional("维保单位", cells.company, "全称", "示例电梯维保有限公司")
MAINTAINER_PHONE = optional("维保电话", cells.public_phone, "24 小时电话", "0743-0000001")
LIFTS = WorkbookSheet(
    "电梯",
    (
        REGISTRATION_CODE,
        BUILDING,
        LIFT_UNITS,
        LIFT_NAME,
        BRAND,
        INSTALLED_ON,
        INSPECTION_ON,
        MAINTAINER,
        MAINTAINER_PHONE,
    ),
)

TERM_FROM = required("任期开始", cells.day, "每名委员一行，同届填同样的任期", "2024-07-01")
TERM_LAST = required("任期截止", cells.day, "含当日", "2027-06-30")
MEMBER_NAME = required("委员姓名", cells.person, "", "赵示明")
POSITION = required("职务", cells.text, "主任、副主任或委员", "主任")
MEMBER_PHONE = optional("委员电话", cells.person_phone, "留空则保留原有电话", "19900000003")
RECUSED = optional("回避", cells.yes, "与物业、保险或维保有利害关系的填“是”", "否", choices=YES_NO)
LEFT_ON = optional("离任日期", cells.day, "自当日起不再任职；在任的留空", "")
COMMITTEE = WorkbookSheet(
    "业委会",
    (TERM_FROM, TERM_LAST, MEMBER_NAME, POSITION, MEMBER_PHONE, RECUSED, LEFT_ON),
    needs_rows=False,
)

MANDATED = required(
    "受托物业公司", cells.company, "与“小区”表中的物业公司一致", "示例物业服务有限公司"
)
MANDATE_FROM = required("委托开始", cells.day, "须在业委会任期内", "2024-07-15")
MANDATE_LAST = required("委托截止", cells.day, "含当日，须在同一任期内", "2025-12-31")
MANDATES = WorkbookSheet("委托", (MANDATED, MANDATE_FROM, MANDATE_LAST), needs_rows=False)

REGISTRY_SHEETS = (ESTATE, UNITS, HOUSEHOLDS, LIFTS, COMMITTEE, MANDATES)


def place(row: Row, *columns: Column[str]) -> tuple[str, ...]:
    """Where a row belongs, in the normal form: however 1栋 and 101室 are written."""
    return tuple(normal_place(row[column]) for column in columns)
