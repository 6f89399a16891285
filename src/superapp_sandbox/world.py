"""The whole state of the sandbox in one object, and the ways to find, save, load and empty it."""

from dataclasses import asdict
from typing import Any, cast

from . import keys
from .calls import CallLog
from .changes import Changes
from .clock import Clock
from .deliver import Deliverer
from .faults import Faults
from .ids import Ids, stable_openid, stable_unionid
from .records import (
    Account,
    AlipayApp,
    AlipayTrade,
    ApiToken,
    BillFile,
    Follower,
    Json,
    LoginSession,
    MassJob,
    Media,
    Merchant,
    Message,
    Notice,
    OAuthCode,
    Order,
    PayCode,
    PaySheet,
    PlatformKey,
    QrTicket,
    Refund,
    Transfer,
    User,
    WalletLine,
)
from .refusals import PhoneRefusal

# The fixed development identity: the same in every sandbox, so that a product can be set up once. No secret guards
# anything real.
MCHID = "1900000109"
APPID = "wx5a9d0b0ca1000001"
ALIPAY_APP_ID = "2021000100000001"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000001092026112200000001"
_V2_KEY = "sandboxV2key0123456789abcdefABCD"
_APIV3_KEY = "sandboxAPIv3key0123456789abcdefA"
_SECRET = "5a9d0b0ca10000010123456789abcdef"  # noqa: S105 - a published development value
_TOKEN = "sandboxToken01"  # noqa: S105 - a published development value
_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

_COLOURS = ("#4f7cac", "#c06c84", "#6c9a8b", "#e8998d", "#8d6a9f", "#d4a373", "#457b9d", "#7f9172")
_FIRST_PEOPLE = ("小林", "阿宁", "老周", "小雨")
FORMAT = 1

# Every collection that is saved: attribute name -> record. Keys are strings.
_COLLECTIONS: dict[str, type] = {
    "merchants": Merchant,
    "platform_keys": PlatformKey,
    "accounts": Account,
    "users": User,
    "followers": Follower,
    "orders": Order,
    "refunds": Refund,
    "transfers": Transfer,
    "alipay_apps": AlipayApp,
    "alipay_trades": AlipayTrade,
    "pay_codes": PayCode,
    "pay_sheets": PaySheet,
    "tokens": ApiToken,
    "bill_files": BillFile,
    "qr_tickets": QrTicket,
    "oauth_codes": OAuthCode,
    "logins": LoginSession,
    "media": Media,
    "mass_jobs": MassJob,
    "drafts": dict,
    "messages": Message,
    "notices": Notice,
    "wallet_lines": WalletLine,
}


class World:
    """Everything that is so in this sandbox. One asyncio loop owns it; no locks."""

    def __init__(self, seed: str, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.faults = Faults()
        self.calls = CallLog()
        self.changes = Changes()
        self.base_url = "http://127.0.0.1:8100"
        self.deliver = Deliverer(self)
        self._empty(seed)
        self.found()

    def _empty(self, seed: str) -> None:
        self.ids = Ids(seed)
        self.merchants: dict[str, Merchant] = {}
        self.platform_keys: dict[str, PlatformKey] = {}
        self.accounts: dict[str, Account] = {}
        self.users: dict[str, User] = {}
        self.followers: dict[str, Follower] = {}
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, Refund] = {}
        self.transfers: dict[str, Transfer] = {}
        self.alipay_apps: dict[str, AlipayApp] = {}
        self.alipay_trades: dict[str, AlipayTrade] = {}
        self.pay_codes: dict[str, PayCode] = {}
        self.pay_sheets: dict[str, PaySheet] = {}
        self.tokens: dict[str, ApiToken] = {}
        self.bill_files: dict[str, BillFile] = {}
        self.qr_tickets: dict[str, QrTicket] = {}
        self.oauth_codes: dict[str, OAuthCode] = {}
        self.logins: dict[str, LoginSession] = {}
        self.media: dict[str, Media] = {}
        self.mass_jobs: dict[str, MassJob] = {}
        self.drafts: dict[str, Json] = {}
        self.messages: dict[str, Message] = {}
        self.notices: dict[str, Notice] = {}
        self.wallet_lines: dict[str, WalletLine] = {}
        self.template_ids: dict[str, list[float]] = {}  # client_msg_id -> msgid and when; ten minutes of memory
        self._by_openid: dict[tuple[str, str], str] = {}
        self._order_index: dict[tuple[str, str], str] = {}
        self._prepay_index: dict[str, str] = {}
        self._refund_index: dict[tuple[str, str], str] = {}

    # -- founding -----------------------------------------------------------------------------------------------

    def found(self) -> None:
        """The fixed merchant, account, platform keys and the first people."""
        self.add_platform_certificate()
        key = keys.new_key()
        self.platform_keys[PUBLIC_KEY_ID] = PlatformKey(PUBLIC_KEY_ID, keys.private_pem(key), keys.public_pem(key))
        self.add_merchant(MCHID, "沙盒商户", [APPID], v2_key=_V2_KEY, apiv3_key=_APIV3_KEY)
        self.accounts[APPID] = Account(APPID, "沙盒商圈", "gh_5a9d0b0ca101", _SECRET, _TOKEN, _AES_KEY)
        self.add_alipay_app(ALIPAY_APP_ID, "沙盒商户")
        for name in _FIRST_PEOPLE:
            self.add_user(name)

    def add_platform_certificate(self) -> PlatformKey:
        """One more live certificate; the one that starts latest signs (rotation)."""
        now = self.clock.now()
        key, serial = keys.new_key(), self._serial()
        pem = keys.certificate_pem(key, common_name="Tenpay.com sandbox", serial=serial, now=now)
        made = PlatformKey(serial, keys.private_pem(key), pem, now - 300 + len(self.platform_keys), now + 157680000)
        self.platform_keys[serial] = made
        return made

    def add_alipay_app(self, app_id: str, name: str) -> AlipayApp:
        """A seller at Alipay; the same app_id again gives the one that is there."""
        if app_id not in self.alipay_apps:
            ours, theirs = keys.new_key(), keys.new_key()
            self.alipay_apps[app_id] = AlipayApp(
                app_id=app_id,
                name=name,
                seller_id="2088" + app_id[-12:],
                app_private_key_pem=keys.private_pem(ours),
                app_public_key_pem=keys.public_pem(ours),
                alipay_private_key_pem=keys.private_pem(theirs),
                alipay_public_key_pem=keys.public_pem(theirs),
            )
        return self.alipay_apps[app_id]

    def _serial(self) -> str:
        # The first digit must not be 0, or software that prints the serial without leading zeros disagrees.
        return "5" + self.ids.hex(39).upper()

    def add_merchant(
        self, mchid: str, name: str, appids: list[str], *, v2_key: str = "", apiv3_key: str = ""
    ) -> Merchant:
        """A merchant; the same mchid and name again give the one that is there. Refuses MERCHANT_EXISTS."""
        known = self.merchants.get(mchid)
        if known is not None and known.name == name:
            known.appids += [appid for appid in appids if appid not in known.appids]
            return known
        if known is not None:
            raise PhoneRefusal("MERCHANT_EXISTS", f"商户号已存在：{mchid}", f"Merchant {mchid} exists.", 409)
        key, serial = keys.new_key(), self._serial()
        pem = keys.certificate_pem(key, common_name=mchid, serial=serial, now=self.clock.now())
        self.merchants[mchid] = Merchant(
            mchid=mchid,
            name=name,
            v2_key=v2_key or self.ids.alnum(32),
            apiv3_key=apiv3_key or self.ids.alnum(32),
            serial_no=serial,
            private_key_pem=keys.private_pem(key),
            certificate_pem=pem,
            public_key_id=PUBLIC_KEY_ID,
            appids=list(appids),
        )
        return self.merchants[mchid]

    def add_account(self, appid: str, name: str) -> Account:
        """A further account; the same appid and name again give the one that is there. Refuses ACCOUNT_EXISTS."""
        known = self.accounts.get(appid)
        if known is not None and known.name == name:
            return known
        if known is not None:
            raise PhoneRefusal("ACCOUNT_EXISTS", f"公众号已存在：{appid}", f"Account {appid} exists.", 409)
        ids = self.ids
        self.accounts[appid] = Account(
            appid, name, "gh_" + ids.hex(12), ids.hex(32), ids.alnum(16), ids.alnum(42) + "A"
        )
        return self.accounts[appid]

    def add_user(self, name: str) -> User:
        number = len(self.users) + 1
        user = User(f"u{number}", name, _COLOURS[(number - 1) % len(_COLOURS)])
        self.users[user.id] = user
        self.changes.tell("users")
        return user

    # -- finding ------------------------------------------------------------------------------------------------

    def user(self, user_id: str) -> User:
        """Refuses USER_UNKNOWN."""
        user = self.users.get(user_id)
        if user is None:
            raise PhoneRefusal("USER_UNKNOWN", f"没有这个用户：{user_id}", f"There is no user {user_id}.", 404)
        return user

    def account(self, appid: str) -> Account:
        """Refuses ACCOUNT_UNKNOWN."""
        account = self.accounts.get(appid)
        if account is None:
            raise PhoneRefusal("ACCOUNT_UNKNOWN", f"没有这个公众号：{appid}", f"There is no account {appid}.", 404)
        return account

    def openid(self, appid: str, user_id: str) -> str:
        return stable_openid(self.ids.seed, appid, user_id)

    def unionid(self, user_id: str) -> str:
        return stable_unionid(self.ids.seed, user_id)

    def follower(self, appid: str, user_id: str) -> Follower:
        """The relation of a person with an account, made when they first meet."""
        key = f"{appid}:{user_id}"
        if key not in self.followers:
            self.followers[key] = Follower(appid, user_id, self.openid(appid, user_id))
        return self.followers[key]

    def follower_by_openid(self, appid: str, openid: str) -> Follower | None:
        if (appid, openid) not in self._by_openid:
            self._by_openid.update({(appid, self.openid(appid, user_id)): user_id for user_id in self.users})
        user_id = self._by_openid.get((appid, openid))
        return self.follower(appid, user_id) if user_id else None

    def order_of(self, mchid: str, out_trade_no: str) -> Order | None:
        transaction_id = self._order_index.get((mchid, out_trade_no))
        return self.orders[transaction_id] if transaction_id else None

    def order_by_prepay(self, prepay_id: str) -> Order | None:
        transaction_id = self._prepay_index.get(prepay_id)
        return self.orders[transaction_id] if transaction_id else None

    def refund_of(self, mchid: str, out_refund_no: str) -> Refund | None:
        refund_id = self._refund_index.get((mchid, out_refund_no))
        return self.refunds[refund_id] if refund_id else None

    def refunds_of(self, transaction_id: str) -> list[Refund]:
        return [r for r in self.refunds.values() if r.transaction_id == transaction_id]

    def keep_order(self, order: Order) -> None:
        self.orders[order.transaction_id] = order
        self._order_index[(order.mchid, order.out_trade_no)] = order.transaction_id
        if order.prepay_id:
            self._prepay_index[order.prepay_id] = order.transaction_id

    def keep_refund(self, refund: Refund) -> None:
        self.refunds[refund.refund_id] = refund
        self._refund_index[(refund.mchid, refund.out_refund_no)] = refund.refund_id

    # -- what a phone shows -------------------------------------------------------------------------------------

    def say(self, appid: str, user_id: str, direction: str, kind: str, body: Json) -> Message:
        """Put a line into a chat."""
        message = Message(self.ids.number(), appid, user_id, direction, kind, self.clock.now(), body)
        self.messages[str(message.id)] = message
        self.changes.tell("chat", user_id, appid=appid, message=message.id)
        return message

    def chat(self, appid: str, user_id: str) -> list[Message]:
        return [m for m in self.messages.values() if m.appid == appid and m.user_id == user_id]

    def notify(self, user_id: str, kind: str, title: str, text: str) -> None:
        notice = Notice(self.ids.number(), user_id, kind, title, text, self.clock.now())
        self.notices[str(notice.id)] = notice
        self.changes.tell("notice", user_id, title=title, text=text)

    # -- saving -------------------------------------------------------------------------------------------------

    def export(self) -> Json:
        """The state as one JSON document; calls and faults are not part of it."""
        state: Json = {
            "format": FORMAT,
            "seed": self.ids.seed,
            "count": self.ids.count,
            "jumped_s": self.clock.jumped_s,
        }
        for name in _COLLECTIONS:
            state[name] = {key: _plain(record) for key, record in getattr(self, name).items()}
        return state

    def load(self, state: Json) -> None:
        """Replace everything by an exported state. Refuses STATE_UNREADABLE and changes nothing."""
        loaded = _read_state(state)
        self._empty(str(state["seed"]))
        self.ids.count = int(state["count"])
        self.clock.jumped_s = float(state.get("jumped_s", 0))
        for name, records in loaded.items():
            getattr(self, name).update(records)
        self.add_alipay_app(ALIPAY_APP_ID, "沙盒商户")
        for order in self.orders.values():
            self.keep_order(order)
        for refund in self.refunds.values():
            self.keep_refund(refund)
        self.changes.tell("reset")

    def reset(self, seed: str | None = None) -> None:
        """Empty the world; keys, secrets and the accounts' own settings stay, so that a product stays connected."""
        kept = {name: getattr(self, name) for name in ("merchants", "platform_keys", "accounts", "alipay_apps")}
        self._empty(seed or self.ids.seed)
        for name, records in kept.items():
            setattr(self, name, records)
        for account in self.accounts.values():
            account.menu, account.conditional_menus, account.tags = None, [], {}
        self.clock.jumped_s = 0.0
        self.faults.clear()
        self.calls.clear()
        for name in _FIRST_PEOPLE:
            self.add_user(name)
        self.changes.tell("reset")


def _plain(record: Any) -> Json:
    return dict(record) if isinstance(record, dict) else asdict(record)


def _rows(state: Json, name: str) -> Json:
    """A collection that an older state did not have yet is empty; without these two it is no state at all."""
    rows = state[name] if name in ("merchants", "users") else state.get(name, {})
    return cast(Json, rows)


def _read_state(state: Json) -> dict[str, dict[str, Any]]:
    try:
        if state["format"] != FORMAT or "seed" not in state or "count" not in state:
            raise ValueError("format")
        return {
            name: {key: cast(Any, record)(**row) for key, row in _rows(state, name).items()}
            for name, record in _COLLECTIONS.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise PhoneRefusal(
            "STATE_UNREADABLE", "状态文件无法读取", f"The state cannot be read: {type(wrong).__name__}: {wrong}."
        ) from wrong
