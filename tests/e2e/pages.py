"""Every page of the mini-program: who opens it, where, and what can be read once it is there."""

PAGES = {
    "start": ("resident", "pages/lift/lift", "扫一扫电梯里的二维码"),
    "lift": ("resident", "pages/lift/lift?token={noticed}", "投保方案正在公示"),
    "insured": ("resident", "pages/lift/lift?token={insured}", "保什么"),
    "uninsured": ("resident", "pages/lift/lift?token={nobody}", "谁可以申请"),
    "wrong-code": ("resident", "pages/lift/lift?token=NOTATOKEN", "这个二维码看不到电梯信息"),
    "notice": ("resident", "pages/notice/notice?number={number}", "花多少钱，从哪里出"),
    "verify": ("resident", "pages/object/object?notice={number}", "先确认您是业主"),
    "object": ("owner", "pages/object/object?notice={number}", "怎样写才有效"),
    "mine": ("owner", "pages/mine/mine", "我的家"),
    "data": ("owner", "pages/data/data", "我们保存了什么"),
    "committee": ("fourth", "pages/committee/committee", "一年保费"),
    "manager": ("manager", "pages/manager/manager", "我管理的小区"),
    "posting": ("manager", "pages/posting/posting?notice={notice}", "公示已经开始"),
    "apply": ("manager", "pages/apply/apply?estate={estate}", "从哪个账户支付"),
    "begin": ("owner", "pages/apply/apply?lift={nobody}", "以什么身份申请"),
    "case": ("manager", "pages/case/case?id={draft}", "打开申请表（PDF）"),
    "joint": ("resident", "pages/joint/joint?case={joint}", "联名以后"),
    "papers": ("manager", "pages/papers/papers?case={draft}&kind=contract", "对照合同核对"),
    "applied": ("deputy", "pages/mine/mine", "我参与的申请"),
    "about": ("resident", "pages/about/about", "梯保是做什么的"),
}
