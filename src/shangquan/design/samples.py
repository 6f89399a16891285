"""The story that the gallery tells: one Sunday evening, one bill of ¥158.00, in the sample district 栖梧里.

Only the gallery and its tests use this. The texts are sample content, so they stand in both languages here and not in
the message files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import get_language

from . import formats, plots
from .contracts import (
    Action,
    Cell,
    Column,
    ConsoleFrame,
    H5Frame,
    Kpi,
    MemberCode,
    MenuGroup,
    MenuItem,
    Step,
    SumLine,
    Tab,
    Table,
    TableCell,
    TableRow,
    Ticket,
    TillFrame,
    TimelineStep,
    Todo,
    Tone,
)


def say(zh: str, en: str) -> str:
    return en if formats.is_english(get_language() or "") else zh


def h5_frame() -> H5Frame:
    return H5Frame(
        say("栖梧里", "Qiwu Lane"),
        home="?tab=home",
        coupons="?tab=coupons",
        code="?tab=code",
        stroll="?tab=stroll",
        me="?tab=me",
    )


def claim(label: str, kind: str = "primary", icon: str = "") -> Action:
    return Action(label, post="#claim", kind=kind, icon=icon, fields={"idempotency_key": "sample"})  # type: ignore[arg-type]


def tickets(now: datetime) -> list[Ticket]:
    off, unit = formats.discount(85, get_language() or "zh-hans")
    return [
        Ticket(
            "30",
            say("小禾童装 · 满减券", "Sprout Kids · money off"),
            say("满 150 可用", "over ¥150"),
            where="11.20–11.30 · 2F-207",
            note=say("已在券包，付款自动抵扣", "In your wallet, used when you pay"),
            note_tone="ok",
            note_icon="check",
            action=Action(say("去使用", "Use"), href="#use", kind="brand"),
        ),
        Ticket(
            "20",
            say("阿橘玩具 · 现金券", "Orange Toys · cash coupon"),
            say("满 99 可用", "over ¥99"),
            where="11.20–11.30 · 3F-312",
            left=86,
            total=500,
            action=claim(say("领取", "Claim")),
        ),
        Ticket(
            off,
            say("山下面馆 · 双人套餐", "Hillside Noodles · for two"),
            say("最高减 ¥40", "up to ¥40"),
            is_money=False,
            unit=unit,
            where=say("周六、周日 · B1-018", "Sat, Sun · B1-018"),
            note=say("每人限 2 张，已领 1 张", "2 a person, you have 1"),
            action=claim(say("再领一张", "One more")),
        ),
        Ticket(
            "50",
            say("全场通用券", "Good in every shop"),
            say("满 300 可用", "over ¥300"),
            where=say("限量 500 张 · 今晚 20:00", "500 only · tonight 20:00"),
            starts_at=now + timedelta(seconds=5712),
            action=claim(say("提醒我", "Remind"), "soft", "bell"),
            aside=say("3,102 人等待", "3,102 waiting"),
        ),
        Ticket(
            "2",
            say("停车券 · B2", "Parking · B2"),
            say("免费停车", "free parking"),
            is_money=False,
            unit=say("小时", "h"),
            where=say("金卡及以上可领", "For gold and above"),
            note=say("你是金卡，可以领", "You are gold, take one"),
            note_tone="gold",
            action=claim(say("领取", "Claim")),
        ),
        Ticket(
            "15",
            say("一苇书房 · 亲子绘本", "Reed Books · picture books"),
            say("无门槛", "no minimum"),
            where="11.20–11.30 · 4F-401",
            note=say("有退回时会重新放出", "Returned ones come back here"),
            is_off=True,
            action=Action(say("已抢完", "Sold out"), kind="line"),
        ),
        Ticket(
            "20",
            say("阿橘玩具 · 现金券", "Orange Toys · cash coupon"),
            say("满 99 可用", "over ¥99"),
            where=say("今日可用 · 剩 86 张", "Today · 86 left"),
            why=say("因为你常逛童装", "Because you often look at kids' wear"),
            action=claim(say("领取", "Claim"), "soft"),
        ),
        Ticket(
            "30",
            say("小禾童装 · 满减券", "Sprout Kids · money off"),
            say("满 150 可用", "over ¥150"),
            note=say("今天 18:24 已用，小禾童装", "Used today 18:24, Sprout Kids"),
            is_off=True,
            action=Action(say("看小票", "Receipt"), href="#receipt", kind="line"),
        ),
    ]


def bill_lines() -> list[SumLine]:
    return [
        SumLine(say("商品合计（4 件）", "4 items"), 19800),
        SumLine(say("满 150 减 30 券", "¥30 off over ¥150"), -3000, is_off=True),
        SumLine(say("积分抵扣（1,000 积分）", "1,000 points"), -1000, is_off=True),
        SumLine(say("付款方式", "Paid with"), text=say("零钱 · 18:24:06", "Balance · 18:24:06")),
    ]


def kpis() -> list[Kpi]:
    against = say("比上周日", "vs last Sunday")
    rising = (22.0, 20, 21, 14.8, 16.9, 11.8, 4)
    up = tuple(26 - value for value in rising)
    pts = formats.change_points(-0.032, get_language() or "zh-hans")
    return [
        Kpi(say("销售额", "Sales"), "486,320.00", "+12.4%", against, True, True, up, is_money=True, href="#sales"),
        Kpi(say("客流", "Visitors"), "18,642", "+8.1%", against, True, True, up),
        Kpi(say("成交率", "Conversion"), "23.6%", pts, against, False, False, rising, is_out=True),
        Kpi(say("客单价", "Average bill"), "110.53", "+4.0%", against, True, True, up, is_money=True),
        Kpi(say("新会员", "New members"), "312", "+15.1%", against, True, True, up),
        Kpi(say("券核销率", "Coupons used"), None),
    ]


HOURS = list(range(9, 22))
VISITS: list[float | None] = [620, 1180, 1710, 1880, 2050, 2390, 2760, 2830, 3222, None, None, None, None]
LAST_WEEK: list[float | None] = [590, 1060, 1520, 1690, 1950, 2280, 2450, 2660, 3000, 2900, 2420, 1650, 880]
RATE: list[float | None] = [0.261, 0.274, 0.28, 0.271, 0.262, 0.249, 0.172, 0.164, 0.241, None, None, None, None]


def hours() -> list[str]:
    return [say(f"{hour} 时", f"{hour}:00") for hour in HOURS]


def two_panel_plot() -> str:
    return plots.two_panels(
        hours(),
        top=VISITS,
        bottom=RATE,
        compare=LAST_WEEK,
        top_name=say("今天", "Today"),
        compare_name=say("上周日", "Last Sunday"),
        top_words=say("今天每小时进场人数，17 时 3,222 人最高，高于上周日", "Visitors by hour: highest 3,222 at 17:00"),
        bottom_words=say("今天每小时成交率，15 到 16 时低于 20%", "Conversion by hour: below 20% at 15 and 16"),
        band=plots.Band(
            0.2,
            0.29,
            say("平常范围 20–29%", "Usual range 20–29%"),
            (6, 7),
            say("亲子层排队过长", "long queue on the family floor"),
        ),
    )


def floor_bars() -> str:
    rows = [
        ("B1", 13240000, 66.2),
        ("2F", 10462000, 58.1),
        ("1F", 9815000, 44.6),
        ("4F", 7925000, 31.7),
        ("3F", 7190000, 38.9),
    ]
    return plots.bars(
        [plots.Bar(name, fen, formats.fen_bare(fen), str(per)) for name, fen, per in rows],
        words=say("各层销售额，B1 最高 ¥132,400.00", "Sales by floor, B1 highest at ¥132,400.00"),
        head=(say("楼层", "Floor"), say("销售额 ¥", "Sales ¥"), say("坪效 ¥/m²", "¥/m²")),
    )


def coupon_funnel() -> str:
    steps = [
        plots.FunnelStep(say("发放", "Issued"), 6000),
        plots.FunnelStep(say("领取", "Claimed"), 4180, say("被领走", "claimed")),
        plots.FunnelStep(say("到店", "Visited"), 3310, say("领后到店", "came to the shop")),
        plots.FunnelStep(say("核销", "Used"), 2859, say("到店后用掉", "used it")),
    ]
    return plots.funnel(steps, words=say("发放 6,000，领取 4,180，到店 3,310，核销 2,859", "6,000 issued, 2,859 used"))


HEAT_ROWS = (
    ("B1 美食", "B1 Food"),
    ("1F 中庭", "1F Atrium"),
    ("2F 亲子", "2F Family"),
    ("3F 生活", "3F Living"),
    ("4F 影院", "4F Cinema"),
    ("B2 停车", "B2 Parking"),
)
HEAT: list[list[float | None]] = [
    [9, 20, 34, 40, 22, 19, 22, 33, 46],
    [14, 22, 22, 20, 24, 27, 30, 33, 33],
    [9, 11, 16, 19, 21, 28, 47, 48, 36],
    [3, 8, 12, 15, 14, 15, 18, 16, 15],
    [3, 6, 9, 14, 18, 23, 24, 29, 33],
    [12, 20, 25, 28, 26, 30, 36, 38, 41],
]


def heat_plot() -> str:
    return plots.heat(
        [say(zh, en) for zh, en in HEAT_ROWS],
        hours()[:9],
        HEAT,
        words=say(
            "今天各区各小时的人流密度，2F 亲子 15 到 16 时最密",
            "Density by zone and hour; 2F Family densest at 15 and 16",
        ),
        legend=say("疏 → 密（人/百平方米 0–48）", "sparse → dense (people per 100 m², 0–48)"),
        flagged=((2, 6), (2, 7)),
    )


def todos() -> list[Todo]:
    def go(label: str) -> Action:
        return Action(label, href="#todo", small=True)

    return [
        Todo(
            say("成交率低于 20%", "Conversion under 20%"),
            say("15:10 起 · 2F 亲子 · 王琪处理中", "Since 15:10 · 2F · Wang Qi"),
            "bad",
            "warn",
            go(say("看详情", "Open")),
        ),
        Todo(
            say("山下面馆排队超 40 分钟", "Hillside Noodles queue over 40 min"),
            say("12 桌在等 · 未分派", "12 tables waiting · nobody yet"),
            "warn",
            "clock",
            go(say("分派", "Assign")),
        ),
        Todo(
            say("「阿橘玩具满 99 减 20」剩 86 张", "Orange Toys coupon: 86 left"),
            say("按现在速度 19:40 领完", "Gone at 19:40 at this pace"),
            "warn",
            "ticket",
            go(say("加量", "Add")),
        ),
        Todo(
            say("2 份对账单有异议", "2 statements disputed"),
            say("小禾童装、阿橘玩具 · 共 3 行", "Sprout Kids, Orange Toys · 3 lines"),
            "info",
            "scale",
            go(say("去核对", "Check")),
        ),
        Todo(
            say("2 家商户申请入驻", "2 merchants applied"),
            say("资料齐全 · 最早 11月20日", "Complete · since 20 Nov"),
            "info",
            "store",
            go(say("审核", "Review")),
        ),
    ]


def owner_menu() -> list[MenuGroup]:
    def item(zh: str, en: str, icon: str, count: int = 0, hot: bool = False, locked: str = "") -> MenuItem:
        return MenuItem(say(zh, en), f"#{icon}", icon, count, hot, locked)

    return [
        MenuGroup(
            "",
            [
                item("今日总览", "Today", "home"),
                item("预警", "Alerts", "bell", 3, True),
                item("待办", "To do", "document", 7),
            ],
        ),
        MenuGroup(
            say("经营", "Business"),
            [
                item("优惠券", "Coupons", "ticket"),
                item("活动", "Activities", "gift"),
                item("积分", "Points", "coins"),
                item("推送", "Messages", "megaphone"),
                item("商城", "Mall", "bag"),
                item("餐饮", "Dining", "bowl"),
                item("停车", "Parking", "car"),
            ],
        ),
        MenuGroup(
            say("人与店", "People and shops"),
            [
                item("会员", "Members", "users"),
                item("商户", "Merchants", "store", 2),
                item("楼层与点位", "Floors", "map"),
            ],
        ),
        MenuGroup(say("钱", "Money"), [item("收款", "Payments", "wallet"), item("结算", "Settlement", "scale")]),
        MenuGroup(
            say("看数", "Figures"),
            [
                item("报表", "Reports", "chart"),
                item("预测", "Forecast", "target", locked=say("专业版可用", "In the professional plan")),
                item("设置", "Settings", "settings"),
            ],
        ),
    ]


def console_frame(theme: str = "light") -> ConsoleFrame:
    return ConsoleFrame(
        say("栖梧里", "Qiwu Lane"),
        say("商圈主", "District"),
        owner_menu(),
        say("王琪", "Wang Qi"),
        say("运营", "Operations"),
        search="?",
        search_hint=say("搜会员、单号、券、商户、功能", "Members, orders, coupons, shops, pages"),
        alerts="#bell",
        alert_count=3,
        new=[
            Action(say("优惠券", "Coupon"), href="#new", icon="ticket"),
            Action(say("活动", "Activity"), href="#new", icon="gift"),
        ],
        person_links=[Action(say("退出", "Sign out"), post="#out", icon="logout")],
        help="#help",
        live_url="?live",
        theme="dark" if theme == "dark" else "light",
    )


def statement() -> Table:
    raw: list[tuple[str, str, str, int, int, int, int, Tone]] = [
        ("10-31 20:14", "SQ1031-09217", "销售", 15800, 2800, -930, 17670, "ok"),
        ("10-31 19:52", "SQ1031-09188", "销售", 8600, 0, -430, 8170, "ok"),
        ("10-31 18:40", "SQ1031-08945", "退款", -12900, 0, 645, -12255, "ok"),
        ("10-31 16:22", "SQ1031-08410", "销售", 31250, 1800, -1653, 31397, "warn"),
        ("10-31 15:07", "SQ1031-08164", "销售", 6900, 1000, -395, 7505, "plain"),
        ("10-31 14:45", "SQ1031-08099", "销售", 24500, 2700, -1360, 25840, "plain"),
        ("10-31 12:18", "SQ1031-07390", "销售", 42000, 1800, -2190, 41610, "ok"),
        ("10-31 11:56", "SQ1031-07331", "跨店券", 11000, 2000, -650, 12350, "info"),
        ("10-30 21:37", "SQ1030-09903", "销售", 19800, 0, -990, 18810, "ok"),
        ("10-30 20:50", "SQ1030-09745", "退款", -3900, -600, 225, -4275, "ok"),
    ]
    words = {
        "ok": say("已核对", "Checked"),
        "warn": say("填写中", "Writing"),
        "plain": say("待核对", "To check"),
        "info": say("商圈已回复", "Answered"),
    }
    kinds = {"销售": say("销售", "Sale"), "退款": say("退款", "Refund"), "跨店券": say("跨店券", "Cross-shop")}

    def fen(amount: int, strong: bool = False) -> TableCell:
        return TableCell(formats.fen_bare(amount), is_negative=strong and amount < 0, strong=strong)

    rows = [
        TableRow(
            [
                at,
                TableCell(number, mono=True),
                kinds[kind],
                fen(paid, paid < 0),
                fen(aid),
                fen(fee),
                fen(due, True),
                TableCell(words[tone], tag=tone),
            ],
            id=number,
            href=f"#{number}",
            is_current=tone == "warn",
            is_chosen=number in ("SQ1031-08164", "SQ1031-08099"),
        )
        for at, number, kind, paid, aid, fee, due, tone in raw
    ]
    columns = [
        Column(say("时间", "Time"), "at"),
        Column(say("单号", "Number"), minor=True),
        Column(say("类型", "Kind"), minor=True),
        Column(say("顾客实付 ¥", "Paid ¥"), "paid", right=True, minor=True),
        Column(say("商圈补贴 ¥", "Subsidy ¥"), right=True, minor=True),
        Column(say("佣金 ¥", "Commission ¥"), right=True, minor=True),
        Column(say("应付 ¥", "Due ¥"), "due", right=True),
        Column(say("状态", "State")),
    ]
    return Table(
        columns, rows, say("10 月对账单", "October statement"), sort="-at", after="k2", total=842, selectable=True
    )


class CouponForm(forms.Form):
    """One form in its states: help, unit, error, optional, choice."""

    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=())
    name = forms.CharField(max_length=12)
    english = forms.CharField(required=False)
    threshold = forms.DecimalField(help_text="")
    stack = forms.ChoiceField(choices=())
    until = forms.CharField()
    deduct = forms.BooleanField(required=False)


def coupon_form() -> CouponForm:
    form = CouponForm(
        {
            "kind": "cut",
            "name": say("小禾童装 · 满减券", "Sprout Kids"),
            "threshold": "150.00",
            "stack": "points",
            "until": "2026-12-12 22:00",
            "deduct": "on",
        }
    )
    fields = form.fields
    fields["kind"].label, fields["name"].label = say("券种", "Kind"), say("券名", "Name")
    fields["english"].label, fields["threshold"].label = say("英文名", "English name"), say("满", "Over")
    fields["stack"].label, fields["until"].label = say("同用规则", "Used with"), say("领取截止", "Claim until")
    fields["deduct"].label = say("付款时自动抵扣", "Used by itself at payment")
    fields["threshold"].help_text = say("低于这个金额不能用", "Not usable under this sum")
    kinds = [
        ("cut", say("满减券", "Money off")),
        ("cash", say("现金券", "Cash")),
        ("percent", say("折扣券", "Discount")),
        ("swap", say("兑换券", "Exchange")),
    ]
    for name, choices in (
        ("kind", kinds),
        ("stack", [("points", say("可与积分同用", "With points")), ("none", say("不与其他同用", "Alone"))]),
    ):
        choice = fields[name]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = choices
    form.add_error("until", say("不能晚于使用截止 12月10日 22:00", "Not after the last day of use, 10 Dec 22:00"))
    return form


def member_code(now: datetime) -> MemberCode:
    bars = (
        '<svg viewBox="0 0 134 1" preserveAspectRatio="none" shape-rendering="crispEdges"><path fill="#241A22" d="'
        + "".join(f"M{x} 0h{1 + x * 7 % 3}v1h-{1 + x * 7 % 3}z" for x in range(0, 132, 4))
        + '"/></svg>'
    )
    return MemberCode(
        say("林晓", "Lin Xiao"),
        "881600427719",
        say("金卡", "Gold"),
        "2844 1690 7352 1688 04",
        bars,
        qr_svg(),
        now + timedelta(seconds=18),
        30,
        "?code",
    )


def qr_svg() -> str:
    """A real code of the gallery's own words."""
    import segno

    return segno.make("SHANGQUAN GALLERY 7K42M9QX0831", error="m").svg_inline(border=2, dark="#241A22", omitsize=True)


def timeline(now: datetime) -> list[TimelineStep]:
    return [
        TimelineStep(
            say("正在填写异议", "is writing a dispute"),
            now - timedelta(minutes=4),
            say("周岚", "Zhou Lan"),
            say("已存草稿，还没提交", "draft kept"),
            state="now",
        ),
        TimelineStep(
            say("生成账单", "made the statement"),
            now - timedelta(days=21),
            say("系统", "The system"),
            say("规则版本 12", "rules version 12"),
            by_system=True,
        ),
        TimelineStep(
            say("顾客付款，券核销", "Customer paid, coupon used"), now - timedelta(days=22), href="#bill", state="done"
        ),
    ]


def tabs() -> list[Tab]:
    return [
        Tab(say("全部", "All"), "#all", 842, True),
        Tab(say("待核对", "To check"), "#check", 61),
        Tab(say("有异议", "Disputed"), "#disputed", 2),
        Tab(say("退款", "Refunds"), "#refund", 19),
    ]


def chips() -> list[Tab]:
    names = (("今天可用", "Today"), ("餐饮", "Food"), ("亲子", "Family"), ("停车", "Parking"), ("全部", "All"))
    return [Tab(say(zh, en), "#chip", current=at == 0) for at, (zh, en) in enumerate(names)]


def form_steps() -> list[Step]:
    names = (
        ("券种与名称", "Kind and name"),
        ("门槛与优惠", "Terms"),
        ("发放与时间", "Issue and time"),
        ("费用分摊", "Who pays"),
        ("适用范围", "Where"),
    )
    states = ("done", "done", "wrong", "now", "ahead")
    return [Step(say(zh, en), "#step", state) for (zh, en), state in zip(names, states, strict=True)]  # type: ignore[arg-type]


def services() -> list[Cell]:
    names = (
        ("领券", "Coupons", "ticket"),
        ("停车缴费", "Parking", "car"),
        ("排队取号", "Queue", "queue"),
        ("扫码点餐", "Order food", "bowl"),
        ("楼层地图", "Map", "map"),
        ("每日签到", "Check in", "checkin"),
        ("小票寻宝", "Hunt", "diamond"),
        ("商城", "Mall", "bag"),
    )
    return [Cell(say(zh, en), href=f"#{icon}", icon=icon) for zh, en, icon in names]


def member_sums() -> list[Cell]:
    return [
        Cell(say("积分", "Points"), href="#points", value="3,280"),
        Cell(say("可用优惠券", "Coupons"), href="#coupons", value="5"),
        Cell(say("储值余额", "Balance"), href="#wallet", value="126.50", icon="money"),
    ]


def live_strip() -> list[Cell]:
    return [
        Cell(say("客流，刚刚", "Crowd, now"), value=say("适中", "Medium"), icon="live"),
        Cell(say("空车位", "Free spaces"), value="312", note="/ 1,200"),
        Cell(say("餐厅排队", "Longest queue"), value=say("最长 42 分钟", "42 min")),
    ]


def words() -> dict[str, str]:
    return {
        "claim": say("领取", "Claim"),
        "word": say("已核对", "Checked"),
        "gold": say("金卡", "Gold"),
        "why": say("还差 ¥2.00，再选一件就能用", "¥2.00 short: add one more item"),
        "title": say("小禾童装 2F-207 · 付款成功", "Sprout Kids 2F-207 · paid"),
        "notice": say("付款时出示会员码就会自动抵扣，不用先核销", "Show your member code when you pay"),
        "offline": say("网络断了，你的选择还在。", "The network is gone; what you chose is kept."),
        "empty": say("还没有订单。打印收款码，开始第一单", "No orders yet. Print the code and take the first one"),
    }


def gallery(now: datetime) -> dict[str, Any]:
    code = member_code(now)
    return {
        "now": now,
        "soon": now + timedelta(seconds=5712),
        "past": now - timedelta(seconds=5),
        "words": words(),
        "page_names": list(PAGES),
        "button_kinds": ("primary", "soft", "line", "brand", "plain", "danger", "danger-fill"),
        "tones": ("plain", "ok", "warn", "bad", "info", "gold", "offer", "brand"),
        "notice_tones": ("info", "ok", "warn", "bad", "gold", "brand"),
        "arts": ("empty", "search", "coupon", "bag", "lock", "offline", "done"),
        "code_offline": replace(code, state="offline", expires_at=now + timedelta(minutes=5), lifetime_seconds=300),
        "code_replayed": replace(code, state="replayed"),
        "none": Table((), (), say("空", "Empty")),
        "tickets": tickets(now),
        "bill": bill_lines(),
        "kpis": kpis(),
        "two_panels": two_panel_plot(),
        "bars": floor_bars(),
        "funnel": coupon_funnel(),
        "heat": heat_plot(),
        "todos": todos(),
        "rows": statement(),
        "form": coupon_form(),
        "code": code,
        "steps": timeline(now),
        "tabs": tabs(),
        "chips": chips(),
        "form_steps": form_steps(),
        "cells": [
            Cell(
                say("积分明细", "Points"),
                "#points",
                "coins",
                note=say("最近：今天 18:24 +158", "Latest: today 18:24 +158"),
                value="2,438",
            ),
            Cell(say("我的券", "My coupons"), "#coupons", "ticket", value=say("5 张", "5")),
            Cell(say("小禾童装", "Sprout Kids"), "#shop", image="/static/design/art/shop-clothes.svg", note="2F-207"),
        ],
        "offline": Action(say("再试一次", "Try again"), href="#again", kind="plain", small=True),
        "first_order": Action(say("打印收款码", "Print the code"), href="#print", kind="primary"),
        "services": services(),
        "member_sums": member_sums(),
        "strip": live_strip(),
        "h5_frame": h5_frame(),
        "english": formats.is_english(get_language() or ""),
    }


def _home(now: datetime) -> dict[str, Any]:
    return {"tab": "home", "ticket": tickets(now)[6]}


def _shelf(now: datetime) -> dict[str, Any]:
    return {"tab": "coupons", "tickets": tickets(now)[:6], "chips": chips()}


def _coupon(now: datetime) -> dict[str, Any]:
    first = tickets(now)[0]
    facts = [
        (say("有效期", "Valid"), say("11月20日–11月30日 22:00", "20 Nov – 30 Nov 22:00")),
        (
            say("门店", "Shop"),
            say("小禾童装 2F-207，离你 40 米", "Sprout Kids 2F-207, 40 m away"),
            say("怎么走", "Route"),
            "#route",
        ),
        (say("同用", "Used with"), say("可与积分抵扣同用，不与其他券同用", "With points, not with other coupons")),
        (
            say("退款", "Refund"),
            say("全单退款退回此券，过期则补发 7 天", "A full refund gives it back, 7 days more if past"),
        ),
        (
            say("来自", "From"),
            say("周末亲子季 · 11月20日领取", "Family weekend · claimed 20 Nov"),
            say("记录", "History"),
            "#history",
        ),
    ]
    note = say("付款时出示会员码就会自动抵扣，不用先核销", "Show your member code when you pay: it is used by itself")
    full = Ticket("30", first.title, say("满 ¥150.00 可用 · 还剩 8 天", "over ¥150.00 · 8 days left"), note=note)
    return {"coupon": full, "qr": qr_svg(), "facts": facts}


def _bill(now: datetime) -> dict[str, Any]:
    lines = bill_lines()
    nearby = Ticket(
        "20",
        say("阿橘玩具 · 现金券", "Orange Toys · cash coupon"),
        say("满 99 可用", "over ¥99"),
        where=say("今天 22:00 前 · 3F-312", "Today until 22:00 · 3F-312"),
        note=say("上一层，步行 2 分钟", "One floor up, 2 min"),
        note_icon="pin",
        action=Action(say("去看看", "See"), href="#see", kind="soft"),
    )
    return {"lines": lines, "next": nearby}


def _till(now: datetime) -> dict[str, Any]:
    goods = [
        ("儿童抓绒外套", "Kids' fleece", "海盐蓝 · 110 cm · 6901 2345 6789 2", 12900, 1, False),
        ("纯棉打底衫", "Cotton shirt", "米白 · 110 cm · 6901 2345 6712 0", 3900, 1, False),
        ("儿童中筒袜 3 双装", "Kids' socks, 3 pairs", "树莓粉 · S · 6901 2345 6745 8", 1500, 2, True),
    ]
    lines = [
        {"name": say(zh, en), "note": note, "price": price, "count": count, "sum": price * count, "new": new}
        for zh, en, note, price, count, new in goods
    ]
    quick = [
        ("环保袋", "Bag", "¥2.00"),
        ("礼品包装", "Gift wrap", "¥8.00"),
        ("改裤脚", "Hemming", "¥15.00"),
        ("发圈", "Hair tie", "¥6.00"),
        ("发夹", "Hair clip", "¥9.00"),
    ]
    return {
        "till_frame": TillFrame(
            say("小禾童装 2F-207", "Sprout Kids 2F-207"),
            say("收银台 1", "Till 1"),
            say("周岚", "Zhou Lan"),
            say("晚班", "evening"),
            say("在线 · 已全部上传", "On line · all sent"),
            printer_state=say("小票机正常", "Printer ready"),
        ),
        "lines": lines,
        "used": [
            SumLine(say("满 150 减 30 券 · 11.30 到期", "¥30 off over ¥150 · until 11.30"), -3000),
            SumLine(say("1,000 积分抵扣", "1,000 points"), -1000),
        ],
        "unused": [
            (say("店铺 9 折券", "10% off coupon"), say("只省 ¥19.80，少于已选", "saves only ¥19.80")),
            (say("满 200 减 45 券", "¥45 off over ¥200"), say("还差 ¥2.00", "¥2.00 short")),
            (say("停车 2 小时券", "2 h parking"), say("出场时使用", "used at the exit")),
        ],
        "sums": [
            SumLine(say("合计 4 件", "4 items"), 19800),
            SumLine(say("优惠券与积分", "Coupons and points"), -4000, is_off=True),
            SumLine(say("付款后得积分", "Points to earn"), text="+158"),
        ],
        "nudge": Action(say("加上", "Add"), post="#add"),
        "main": Action(say("扫顾客付款码", "Scan pay code"), post="#pay", kind="primary", icon="scan", key="Enter"),
        "others": [
            Action(say("出示收款码", "Show code"), post="#code", icon="qrcode"),
            Action(say("现金", "Cash"), post="#cash", icon="cash", key="F9"),
            Action(say("储值", "Balance"), post="#wallet", icon="wallet", key="F10"),
        ],
        "quick": [
            *(Action(say(zh, en), post="#quick", key=price) for zh, en, price in quick),
            Action(say("更多无码商品", "More"), post="#more", icon="grid"),
        ],
        "functions": [
            Action(say("改价", "Price"), href="#price", key="F2"),
            Action(say("删行", "Delete"), href="#del", key="Del"),
            Action(say("挂单", "Hold"), href="#hold", key="F4"),
            Action(say("取单 · 2", "Recall · 2"), href="#recall", key="F7"),
            Action(say("退货", "Return"), href="#return", key="F8"),
            Action(say("交班", "Shift"), href="#shift", icon="clock"),
        ],
    }


def _list(now: datetime) -> dict[str, Any]:
    return {
        "heading": say("10 月对账单", "October statement"),
        "sub": say("11月25日 24:00 前未处理的行视为无异议", "Lines left open by 25 Nov 24:00 are agreed"),
        "views": tabs(),
        "rows": statement(),
        "filters": [Tab(say("门店：2F-207", "Shop: 2F-207"), "#off")],
        "add_filters": [Action(say("加条件", "Add a filter"), href="#add")],
        "search_hint": say("单号、顾客、券名", "Number, customer, coupon"),
        "page_actions": [
            Action(say("导出", "Export"), href="#export", icon="download"),
            Action(say("打印", "Print"), href="#print", icon="printer"),
        ],
        "bulk_actions": [
            Action(say("标为已核对", "Mark as checked"), post="#mark"),
            Action(say("提异议", "Dispute"), post="#dispute"),
        ],
        "here": "#scale",
        "terms": [
            ("", say("顾客实付", "Paid"), 12301400),
            ("+", say("商圈补贴", "Subsidy"), 544600),
            ("−", say("退款", "Refunds"), 328000),
            ("−", say("佣金 5%", "Commission 5%"), 625900),
        ],
        "total": (say("应付给你", "Due to you"), 11892100),
    }


def _detail(now: datetime) -> dict[str, Any]:
    return {
        "heading": say("林**", "Lin **"),
        "crumbs": [(say("会员", "Members"), "#users")],
        "state": say("金卡", "Gold"),
        "state_tone": "gold",
        "page_actions": [
            Action(say("发券", "Give a coupon"), href="#give", icon="ticket"),
            Action(
                say("停用", "Suspend"),
                post="#stop",
                kind="danger",
                confirm=say(
                    "停用这位会员？她的 5 张券和积分会保留。", "Suspend this member? Her 5 coupons and points are kept."
                ),
            ),
        ],
        "facts": [
            (say("手机号", "Phone"), "138****0042"),
            (say("积分", "Points"), "2,438"),
            (say("储值", "Balance"), "¥126.50"),
            (say("近 90 天消费", "Spent in 90 days"), "¥8,580.00"),
            (say("车牌", "Plate"), "沪A·**M27"),
            (say("入会", "Joined"), say("2025年3月2日 · 停车扫码", "2 Mar 2025 · parking code")),
        ],
        "history": timeline(now),
        "bill": bill_lines(),
        "here": "#users",
    }


def _form(now: datetime) -> dict[str, Any]:
    return {
        "heading": say("新建优惠券", "New coupon"),
        "crumbs": [(say("优惠券", "Coupons"), "#ticket"), (say("十二月亲子季", "December family season"), "#event")],
        "state": say("草稿", "Draft"),
        "form": coupon_form(),
        "form_steps": form_steps(),
        "submit_label": say("提交审核", "Send for review"),
        "cancel": "#cancel",
        "draft_key": "sample",
        "here": "#ticket",
        "ticket": tickets(now)[1],
    }


def _settings(now: datetime) -> dict[str, Any]:
    return {
        "heading": say("设置", "Settings"),
        "sections": [
            Tab(say("积分规则", "Points"), "#points", current=True),
            Tab(say("会员等级", "Tiers"), "#tiers"),
            Tab(say("品牌颜色", "Brand colour"), "#brand"),
        ],
        "form": coupon_form(),
        "here": "#settings",
    }


def _nothing(now: datetime) -> dict[str, Any]:
    return {}


class SignInForm(forms.Form):
    phone = forms.CharField(widget=forms.TextInput({"inputmode": "tel", "autocomplete": "username"}))
    password = forms.CharField(widget=forms.PasswordInput({"autocomplete": "current-password"}))


def _login(now: datetime) -> dict[str, Any]:
    form = SignInForm()
    form.fields["phone"].label, form.fields["password"].label = say("手机号", "Phone"), say("密码", "Password")
    return {
        "form": form,
        "heading": say("登录栖梧里", "Sign in to Qiwu Lane"),
        "sub": say("商圈主与商户共用", "For the district and its merchants"),
        "scan_qr_svg": qr_svg(),
    }


def _error(now: datetime) -> dict[str, Any]:
    return {
        "zh": "这张券今天已用过（18:24，小禾童装）。可换用其他券。",
        "en": "This coupon was used today at 18:24 at Sprout Kids. You can use another one.",
        "code": "C-4031",
        "back": "?",
    }


def _site(now: datetime) -> dict[str, Any]:
    return {
        "site_name": say("栖梧里", "Qiwu Lane"),
        "site_links": [
            Tab(say(zh, en), "#link", current=at == 0)
            for at, (zh, en) in enumerate(
                (
                    ("逛街", "Shops"),
                    ("活动", "Events"),
                    ("商户", "Merchants"),
                    ("会员", "Members"),
                    ("新闻", "News"),
                    ("关于", "About"),
                )
            )
        ],
        "site_search": "?",
        "languages": [Tab("中", "?lang=zh-hans"), Tab("EN", "?lang=en")],
        "site_foot_links": [Tab(say("服务时间 10:00–22:00", "Open 10:00–22:00"), "#hours")],
        "site_foot": say("栖梧里 · 由商圈开放平台驱动", "Qiwu Lane · on the open district platform"),
        "qr": qr_svg(),
        "shops": [
            {"name": say(zh, en), "where": where, "art": f"design/art/shop-{art}.svg"}
            for zh, en, where, art in (
                ("小禾童装", "Sprout Kids", "2F-207", "clothes"),
                ("阿橘玩具", "Orange Toys", "3F-312", "toys"),
                ("山下面馆", "Hillside Noodles", "B1-018", "noodle"),
                ("一苇书房", "Reed Books", "4F-401", "books"),
            )
        ],
    }


PAGES: dict[str, Callable[[datetime], dict[str, Any]]] = {
    "h5-home": _home,
    "h5-shelf": _shelf,
    "h5-coupon": _coupon,
    "h5-card": _nothing,
    "h5-bill": _bill,
    "pos-till": _till,
    "console-home": _nothing,
    "console-list": _list,
    "console-detail": _detail,
    "console-form": _form,
    "console-settings": _settings,
    "login": _login,
    "error": _error,
    "site": _site,
}


def page(name: str, now: datetime) -> dict[str, Any]:
    """The context of one sample page: the frames and stories of the gallery, then the page's own."""
    return {**gallery(now), "console_frame": console_frame(), "here": "#home", **PAGES[name](now)}
