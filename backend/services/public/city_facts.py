"""What is the same for every lift of a city: help for objecting, photos, personal data."""

from collections.abc import Sequence

from backend.domain.city.schema import CityProfile
from backend.domain.retention import periods
from backend.services.public.words import pooled_route, pools

PHOTO_HINT = (
    "拍清楚要说明的地方就好，不要拍到人脸、门牌号和车牌。"
    "照片里写着的拍摄时间会记录下来作为凭证，拍摄地点不保存，两者都从照片中去掉。"
)
PRIVACY_TITLE = "我们怎样对待您的个人信息"

# What makes an objection of each kind easy to examine and to answer.
KIND_HELP = {
    "price": "写明您认为合适的保费、保额或免赔额和理由，例如同类小区的价格。",
    "insurer": "写明对保险机构的哪一点有疑问：资质、服务、理赔，或者选定它的办法。",
    "need": "写明为什么不需要投保，例如电梯仍在质保期内，或者已有其他保障。",
    "procedure": "写明哪一步不合规定：申请人、查勘、审议，或者公示的地点和时间。",
    "lift": "写明哪台电梯的哪项信息有误，最好附上照片。",
    "other": "写明您反对的内容和理由，越具体越便于答复。",
}


def about(city: CityProfile) -> Sequence[str]:
    """What this is for, in plain paragraphs: of notices and of the fund only where the city's own
    route has them."""
    route = pooled_route(city)
    paid = "本市用住宅专项维修资金的增值收益，给住宅小区的电梯买维修保险。" if pools(route) else ""
    posted = "投保方案先公示，受影响的业主可以在公示期内提出书面异议。"
    return (
        "扫电梯里的二维码，就能看到这台电梯有没有维修保险、坏了谁出钱、被困时打给谁。",
        *filter(None, [paid + (posted if route.public_notice.value else "")]),
    )


def privacy(city: CityProfile) -> Sequence[str]:
    """What is kept about people and why, in plain paragraphs (个人信息保护法 17)."""
    centre, phone = city.centre.name.value, city.centre.phone.value
    return (
        "看电梯和公示不用登录，我们不记录是谁在看。",
        "提异议、联名或审议时，我们需要核实您是不是相关业主，"
        "为此使用您的微信身份、手机号，以及业主名册上的姓名和房号。",
        "姓名、电话和您写的文字加密保存。经办人员查看时必须说明理由，每次查看都有记录。",
        "公布异议时只公布编号、类别和答复，不公布姓名、房号和电话；"
        "您写的原文，只有您同意才会公布。",
        "您可以在“我的”中查看、导出、更正自己的信息，也可以注销；"
        "法律要求保存的记录（如已提出的异议）会继续保存，但与您的微信身份脱离。",
        periods(city.retention),
        f"信息由{centre}处理，有疑问请拨打{phone}。",
    )
