"""Who works here and what each may do: the words that leave the room.

The tables below are the whole of it; `docs/roles.md` shows them and a test compares the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event

WRONG_SIGN_IN = Reason("A-4011", "wrong_sign_in", 401, "账号或密码不对。", "The name or the password is wrong.")
CODE_NEEDED = Reason(
    "A-4012", "code_needed", 401, "请输入验证器上现在的 6 位数字。", "Enter the 6 digits your authenticator shows now."
)
TOO_MANY_SIGN_INS = Reason(
    "A-4291",
    "too_many_sign_ins",
    429,
    "试得太多了，请 {minutes} 分钟后再试。",
    "Too many tries; try again in {minutes} min.",
)
WEAK_PASSWORD = Reason(
    "A-4001", "weak_password", 400, "这个密码不能用：{why}", "This password cannot be used: {why_en}"
)
WRONG_PLACE = Reason(
    "A-4002",
    "wrong_place",
    400,
    "「{role}」要指明它的商户和门店，商圈的角色则不带商户。",
    "Name the merchant and store that this role acts for; a district role has neither.",
)
UNKNOWN_RIGHT = Reason("A-4003", "unknown_right", 400, "没有「{right}」这个权限。", "There is no right called {right}.")
UNKNOWN_ROLE = Reason("A-4004", "unknown_role", 400, "没有「{role}」这个角色。", "There is no role called {role}.")
BAD_USERNAME = Reason(
    "A-4005",
    "bad_username",
    400,
    "账号用 3 到 60 个字母、数字或 . _ - @。",
    "A user name has 3 to 60 letters, digits or . _ - @.",
)
NO_WORK_HERE = Reason(
    "A-4032",
    "no_work_here",
    403,
    "你在这个商圈没有可用的授权，请联系管理员。",
    "You have no role in force in this district; ask its administrator.",
)
NO_ACCOUNT = Reason("A-4041", "no_account", 404, "没有这个账号。", "There is no such account.")
NO_GRANT = Reason("A-4042", "no_grant", 404, "没有这项授权。", "There is no such grant.")
NO_DEVICE = Reason("A-4043", "no_device", 404, "没有这个设备令牌。", "There is no such device token.")
USERNAME_TAKEN = Reason("A-4091", "username_taken", 409, "这个账号名已经有人用了。", "This user name is taken.")
LAST_OWNER = Reason(
    "A-4092",
    "last_owner",
    409,
    "商圈至少要留一位管理员。",
    "A district keeps at least one administrator.",
)
CODE_ON = Reason(
    "A-4093", "code_on", 409, "两步验证已经开着。先关掉再换。", "Two-step sign-in is on already; switch it off first."
)
CODE_OFF = Reason("A-4094", "code_off", 409, "两步验证没有开。", "Two-step sign-in is not on.")


class Role(StrEnum):
    OWNER_ADMIN = "owner_admin"
    OWNER_OPERATIONS = "owner_operations"
    OWNER_FINANCE = "owner_finance"
    OWNER_SERVICE = "owner_service"
    MERCHANT_ADMIN = "merchant_admin"
    MERCHANT_OPERATIONS = "merchant_operations"
    STORE_MANAGER = "store_manager"
    CASHIER = "cashier"
    KITCHEN = "kitchen"
    STOCK_KEEPER = "stock_keeper"
    PROMOTER = "promoter"


Area = Literal["owner", "account", "goods", "activities", "members", "orders", "coupons"]
AREAS: dict[Area, tuple[str, str]] = {
    "owner": ("商圈独有", "Owner only"),
    "account": ("账号基本操作", "Basic account"),
    "goods": ("自家商品", "Own goods"),
    "activities": ("活动", "Activities"),
    "members": ("会员", "Members"),
    "orders": ("订单", "Orders"),
    "coupons": ("优惠券", "Coupons"),
}


@dataclass(frozen=True)
class RightCard:
    """One right, `room.verb`. Area `owner`: never a partner's, so neither of its staff nor of its devices.

    `module` names the module that must be switched on before anyone holds the right.
    """

    name: str
    zh: str
    en: str
    area: Area
    module: str = ""

    @property
    def owner_only(self) -> bool:
        return self.area == "owner"


_RIGHTS = (
    RightCard("tenancy.switch", "开关功能模块", "Switch modules", "owner"),
    RightCard("accounts.bind", "接入公众号和商户号", "Bind Official Accounts and merchant numbers", "owner"),
    RightCard("district.edit", "维护楼栋、楼层、业态", "Edit buildings, floors, categories", "owner"),
    RightCard("merchants.review", "审核、停用、恢复商户", "Review, suspend and resume merchants", "owner"),
    RightCard("members.edit", "改会员等级和状态", "Change a member's tier and status", "owner", "members"),
    RightCard("members.read_phone", "看会员完整手机号", "See whole phone numbers", "owner", "members"),
    RightCard("members.export", "导出全部会员", "Export all members", "owner", "members"),
    RightCard("shelf.manage", "管优惠券货架、审核报名", "Run the coupon shelf, decide enrolments", "owner", "coupons"),
    RightCard("points.manage", "定积分规则、调积分", "Set points rules, correct points", "owner", "points"),
    RightCard("points.read", "看积分总账", "See the points books", "owner", "points"),
    RightCard("push.send", "推送内容、批准推送申请", "Send pushes, decide push requests", "owner", "push"),
    RightCard("messages.manage", "管菜单、模板、自动回复", "Edit menu, templates, reply rules", "owner"),
    RightCard("messages.reply", "回复顾客消息", "Answer people's messages", "owner"),
    RightCard("settlement.close", "关账期、出对账单", "Close a period, issue statements", "owner", "settlement"),
    RightCard("settlement.correct", "处理异议、更正", "Answer disputes, correct lines", "owner", "settlement"),
    RightCard("settlement.approve", "批准打款", "Approve payouts", "owner", "settlement"),
    RightCard("settlement.pay", "执行打款、留凭证", "Pay out, keep the proof", "owner", "settlement"),
    RightCard("payments.reconcile", "与渠道账单对账", "Reconcile with the channels' bills", "owner"),
    RightCard("data.export", "导出商圈全部数据", "Export all data of the district", "owner"),
    RightCard("staff.read", "看员工", "See staff", "account"),
    RightCard("staff.manage", "建员工账号、授权、收回", "Make staff accounts, grant, revoke", "account"),
    RightCard("devices.manage", "发、收设备令牌", "Make and revoke device tokens", "account"),
    RightCard("audit.read", "看操作记录", "Read the audit", "account"),
    RightCard("merchants.read", "看商户和门店", "See merchants and stores", "account"),
    RightCard("merchants.edit", "改商户资料和门店", "Edit the merchant's card and stores", "account"),
    RightCard("insight.read", "看经营数据", "See figures", "account", "insight"),
    RightCard("payments.read", "看收款流水", "See payments", "account"),
    RightCard("settlement.read", "看对账单", "See statements", "account", "settlement"),
    RightCard("settlement.confirm", "确认对账单", "Confirm a statement", "account", "settlement"),
    RightCard("settlement.dispute", "对账单提异议", "Dispute a statement line", "account", "settlement"),
    RightCard("push.request", "申请由商圈代推", "Ask the owner to push", "account", "push"),
    RightCard("products.read", "看商品", "See goods", "goods"),
    RightCard("products.edit", "改商品和价格", "Edit goods and prices", "goods"),
    RightCard("stock.edit", "收货、盘点、调库存", "Receive, count and correct stock", "goods"),
    RightCard("activities.edit", "办活动", "Run activities", "activities"),
    RightCard("codes.export", "导出二维码", "Export codes", "activities"),
    RightCard("members.read", "看会员（号码遮住）", "See members, numbers masked", "members", "members"),
    RightCard("members.enrol", "为顾客开卡", "Open a card for a customer", "members", "members"),
    RightCard("orders.read", "看订单", "See orders", "orders"),
    RightCard("orders.fulfil", "备餐、出餐、发货", "Prepare and hand over orders", "orders"),
    RightCard("payments.refund", "退款", "Refund a payment", "orders"),
    RightCard("till.use", "收银", "Use the till", "orders", "till"),
    RightCard("till.shift", "开班、交班", "Open and close shifts", "orders", "till"),
    RightCard("till.refund", "收银台退款", "Refund at the till", "orders", "till"),
    RightCard("till.setup", "设收银台、快捷键", "Set up tills and quick keys", "orders", "till"),
    RightCard("coupons.read", "看券", "See coupons", "coupons", "coupons"),
    RightCard("coupons.edit", "建券、改券", "Make and edit coupons", "coupons", "coupons"),
    RightCard("coupons.publish", "发布、停发券", "Publish and pause coupons", "coupons", "coupons"),
    RightCard("coupons.redeem", "核销券", "Redeem coupons", "coupons", "coupons"),
    RightCard("shelf.enrol", "报名上货架", "Enrol a coupon for the shelf", "coupons", "coupons"),
)
RIGHTS: dict[str, RightCard] = {card.name: card for card in _RIGHTS}
OWNER_ONLY = frozenset(card.name for card in _RIGHTS if card.owner_only)
PARTNER_RIGHTS = frozenset(RIGHTS) - OWNER_ONLY

# What the owner cannot say in a partner's stead.
_PARTNERS_OWN_WORD = frozenset({"settlement.confirm", "settlement.dispute", "shelf.enrol", "push.request"})
_STORE_READING = ("merchants.read", "products.read", "orders.read")
_TILL = (*_STORE_READING, "till.use", "till.shift", "coupons.read", "coupons.redeem", "members.read", "members.enrol")

Store = Literal["none", "optional", "needed"]


@dataclass(frozen=True)
class RoleCard:
    """A working role. `rank` orders roles of one side: nobody grants or revokes a rank above their own.

    `store` says whether the role acts for one store, for the whole merchant, or for either.
    """

    role: Role
    zh: str
    en: str
    rank: int
    of_owner: bool
    store: Store
    rights: frozenset[str]


def _card(
    role: Role, zh: str, en: str, rank: int, rights: Iterable[str], *, of_owner: bool = False, store: Store = "none"
) -> RoleCard:
    return RoleCard(role, zh, en, rank, of_owner, store, frozenset(rights))


_ROLES = (
    _card(
        Role.OWNER_ADMIN, "商圈管理员", "District administrator", 90, set(RIGHTS) - _PARTNERS_OWN_WORD, of_owner=True
    ),
    _card(
        Role.OWNER_OPERATIONS,
        "商圈运营",
        "District operations",
        70,
        {
            "district.edit", "merchants.review", "merchants.read", "merchants.edit", "products.read", "products.edit",
            "activities.edit", "codes.export", "members.read", "members.edit", "members.enrol", "coupons.read",
            "coupons.edit", "coupons.publish", "shelf.manage", "points.read", "points.manage", "push.send",
            "messages.manage", "messages.reply", "orders.read", "insight.read", "staff.read",
        },
        of_owner=True,
    ),
    _card(
        Role.OWNER_FINANCE,
        "商圈财务",
        "District finance",
        70,
        {
            "merchants.read", "payments.read", "payments.refund", "payments.reconcile", "orders.read", "points.read",
            "settlement.read", "settlement.close", "settlement.correct", "settlement.approve", "settlement.pay",
            "insight.read", "audit.read",
        },
        of_owner=True,
    ),
    _card(
        Role.OWNER_SERVICE,
        "商圈客服",
        "District customer service",
        60,
        {
            "merchants.read", "products.read", "members.read", "members.read_phone", "members.enrol", "coupons.read",
            "orders.read", "payments.read", "messages.reply",
        },
        of_owner=True,
    ),
    _card(Role.MERCHANT_ADMIN, "商户管理员", "Merchant administrator", 50, PARTNER_RIGHTS),
    _card(
        Role.MERCHANT_OPERATIONS,
        "商户运营",
        "Merchant operations",
        40,
        {
            *_STORE_READING, "merchants.edit", "products.edit", "stock.edit", "activities.edit", "codes.export",
            "members.read", "coupons.read", "coupons.edit", "coupons.publish", "shelf.enrol", "push.request",
            "insight.read", "staff.read",
        },
    ),
    _card(
        Role.STORE_MANAGER,
        "店长",
        "Store manager",
        30,
        {
            *_TILL, "till.refund", "till.setup", "payments.read", "payments.refund", "orders.fulfil", "products.edit",
            "stock.edit", "insight.read", "staff.read", "staff.manage", "devices.manage", "codes.export",
        },
        store="needed",
    ),
    _card(Role.CASHIER, "收银员", "Cashier", 20, _TILL, store="needed"),
    _card(Role.KITCHEN, "后厨", "Kitchen", 10, ("orders.read", "orders.fulfil", "products.read"), store="needed"),
    _card(
        Role.STOCK_KEEPER, "库管", "Stock keeper", 10, ("merchants.read", "products.read", "stock.edit"), store="needed"
    ),
    _card(
        Role.PROMOTER,
        "推广员",
        "Promoter",
        10,
        ("products.read", "coupons.read", "members.enrol", "codes.export"),
        store="optional",
    ),
)  # fmt: skip
ROLES: dict[str, RoleCard] = {card.role.value: card for card in _ROLES}


@dataclass(frozen=True)
class GrantCard:
    id: int
    role: RoleCard
    merchant_id: int | None
    store_id: int | None
    granted_at: datetime


@dataclass(frozen=True)
class StaffCard:
    """A person who works in the open district, with the grants in force, highest first."""

    id: int
    username: str
    name: str
    is_active: bool
    has_code: bool
    last_sign_in: datetime | None
    grants: tuple[GrantCard, ...]


@dataclass(frozen=True)
class DeviceCard:
    """A device token without the token itself, which nobody can see again."""

    id: int
    name: str
    rights: tuple[str, ...]
    merchant_id: int | None
    store_id: int | None
    made_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class AuditCard:
    id: int
    at: datetime
    actor_kind: str
    actor_id: int
    actor_name: str
    role: str
    merchant_id: int | None
    action: str
    subject: str
    subject_id: str
    before: object
    after: object
    refused: str
    ip: str


@dataclass(frozen=True)
class AuditPage:
    """Newest first; `before` is the key of the next page, None on the last."""

    lines: tuple[AuditCard, ...]
    before: int | None


@event("staff_granted")
@dataclass(frozen=True)
class StaffGranted(Event):
    account_id: int
    role: str
    merchant_id: int | None
    store_id: int | None


@event("staff_revoked")
@dataclass(frozen=True)
class StaffRevoked(Event):
    account_id: int
    role: str
    merchant_id: int | None
    store_id: int | None
