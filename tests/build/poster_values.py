"""Posters as tests want them: plain ones, and ones with texts of every kind."""

from dataclasses import replace

from hypothesis import strategies as st

from backend.pictures.about_sheet import AboutSheet
from backend.pictures.cab_card import CabCard
from backend.pictures.lobby_notice import LobbyNotice

TOKEN = "0123456789abcdefghjkmnpqrs"
ADDRESS = f"https://tibao.example.cn/e/{TOKEN}"

CARD = CabCard(
    place="3栋2单元1号梯",
    estate="示例花园（虚构）",
    registration_code="DEMO-TI-000000000012",
    address=ADDRESS,
    emergency_phone="119",
    steps=("先按轿厢里的报警按钮，与值守人员通话。", "不要扒门，靠着厢壁站稳。", "说清楼栋单元。"),
    insurance="示例财产保险股份有限公司（虚构）\n保至2026年3月31日",
    maintenance="示例电梯维保有限公司（虚构）\n0743-0000012",
    foot="吉首市住房保障服务中心 0743-8532500",
)
NOTICE = LobbyNotice(
    title="示例花园（虚构）电梯维修保险方案公示",
    number="GS-2025-000012",
    place="3栋2单元",
    deadline=("公示截止", "2025年3月17日（周一）24:00"),
    start="公示开始 2025年3月8日（周六）",
    period_note="公示7天。第七天是星期六，顺延到3月17日24:00。",
    money=(
        ("账户可用余额", "12,345.67元"),
        ("本次使用", "2,600元"),
        ("使用后结余", "9,745.67元"),
    ),
    heading=("注册代码", "位置", "梯龄", "保费"),
    lifts=(
        ("DEMO-TI-000000000012", "3栋1单元1号梯", "9年", "1,300元"),
        ("DEMO-TI-000000000013", "3栋2单元1号梯", "9年", "1,300元"),
    ),
    sections=(
        ("资金来源", "增值收益统筹账户：3栋统筹账户（P-0003）"),
        ("保险机构", "示例财产保险股份有限公司（虚构），电话0743-0000021。由本市公开遴选确定。"),
        ("保障期间", "2025年4月1日0:00至2026年3月31日24:00"),
        ("保障内容", "电梯主要部件因故障、磨损、老化需要维修或更换时，赔偿材料费和人工费。"),
        ("除外责任", "人为破坏；日常维护保养本身的费用。"),
        ("最高赔付", "150,000元。"),
        ("免赔额", "没有。"),
        ("服务承诺", "接到报修30分钟内到场。"),
    ),
    rights=(
        ("谁能提", "受影响的业主（本栋或本单元业主）。"),
        ("怎么提", "公示期内用小程序“提出异议”，或将纸质意见送交中心。"),
        ("隐私", "只公布异议的编号、类别和答复。"),
        ("咨询", "吉首市住房保障服务中心 0743-8532500"),
    ),
    address=ADDRESS,
    scan="扫码看公示、提出异议",
    fingerprint="公示文本校验码 4f1c2a9b77d0e3aa",
)
ABOUT = AboutSheet(
    title="电梯维修保险，您关心的事",
    subtitle="吉首市用维修资金的增值收益购买电梯维修保险",
    answers=(
        ("这是什么保险？", "电梯出了故障，由保险公司按约定赔偿维修费用。"),
        ("钱从哪里来？", "用存款利息中高于基准利率的那一部分。"),
    ),
    emergency_phone="119",
    emergency="被困时先按报警按钮，再打这个电话。",
    place="示例花园（虚构） 3栋2单元1号梯",
    address=ADDRESS,
    foot="吉首市住房保障服务中心 0743-8532500",
)

# Place names with characters beyond the basic plane, some of them in no font of ours.
LETTERS = st.sampled_from(
    "示例花园小区栋单元号梯龘靐𬌗㙟𠮷𪚥𰻝😀ABWMgjy0123456789 （）“”、，。·—-é\u200b\ufe0f\t"
)
names = st.text(LETTERS, min_size=1, max_size=60)
numbers = st.text("0123456789ABCXYZ-", min_size=1, max_size=40)
addresses = st.builds(
    lambda host: f"https://{host}.example.cn/e/{TOKEN}",
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=60),
)

cards = st.builds(
    lambda building, unit, lift, estate, code, insurer, maintainer, address: replace(
        CARD,
        place=building + unit + lift,
        estate=estate,
        registration_code=code,
        insurance=f"{insurer}\n保至2026年12月31日",
        maintenance=f"{maintainer}\n0743-8532500",
        address=address,
    ),
    *(names, names, names, names, numbers, names, names, addresses),
)
notices = st.builds(
    lambda estate, place, code, account, insurer, address: replace(
        NOTICE,
        title=f"{estate}电梯维修保险方案公示",
        place=place,
        lifts=((code, place, "12年", "1,300元"),) * 6,
        sections=(
            ("资金来源", f"增值收益统筹账户：{account}（{code}）"),
            ("保险机构", f"{insurer}，电话0743-0000021。"),
            *NOTICE.sections[2:],
        ),
        address=address,
    ),
    *(names, st.builds(str.__add__, names, names), numbers, names, names, addresses),
)
abouts = st.builds(
    lambda place, address: replace(ABOUT, place=place, address=address),
    *(st.builds(str.__add__, names, names), addresses),
)
