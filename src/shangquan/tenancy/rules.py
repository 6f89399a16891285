"""The modules that there are, in the order a district usually grows into them."""

from shangquan.kernel.errors import Refused
from shangquan.tenancy.contracts import UNKNOWN_MODULE, Module

_ALL = (
    Module("members", "会员", "Members", "一键开卡、会员码、等级", "One-tap card, member code, tiers"),
    Module(
        "coupons",
        "优惠券",
        "Coupons",
        "券、货架、转赠、跨店发券",
        "Coupons, the shelf, gifts, cross-merchant issue",
        ("members",),
    ),
    Module("points", "积分", "Points", "消费得积分、积分抵扣", "Earn by spending, pay with points", ("members",)),
    Module("till", "收银", "Till", "收银台、小票、交班", "Tills, receipts, shifts"),
    Module(
        "push",
        "推送",
        "Push",
        "每人每天至多一条的内容推送",
        "Content push, at most one a day for each member",
        ("members",),
    ),
    Module("settlement", "结算", "Settlement", "分账、对账单、打款", "Shares, statements, payouts"),
    Module("insight", "看数", "Insight", "漏斗、费效比、渠道", "Funnels, return on campaigns, channels"),
    Module("mall", "商城", "Online shop", "线上商城", "Online shop", ready=False),
    Module("dining", "餐饮", "Dining", "排队、订座、扫码点餐", "Queue, booking, table ordering", ready=False),
    Module("activities", "活动", "Activities", "抽奖、签到、小票寻宝", "Draws, check-in, treasure hunt", ready=False),
    Module("parking", "停车", "Parking", "无感停车、反向寻车", "Contactless parking, find my car", ready=False),
    Module("wallet", "储值", "Stored value", "储值卡", "Stored-value cards", ready=False),
)
MODULES = {module.name: module for module in _ALL}
READY = frozenset(module.name for module in _ALL if module.ready)


def module(name: str) -> Module:
    try:
        return MODULES[name]
    except KeyError:
        raise Refused(UNKNOWN_MODULE, module=name) from None
