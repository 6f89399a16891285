"""What the sandbox remembers. Flat dataclasses of plain values, so that the whole state is one JSON document."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Merchant:
    """A WeChat Pay merchant with everything its console would let it download. Money in fen."""

    mchid: str
    name: str
    v2_key: str
    apiv3_key: str
    serial_no: str
    private_key_pem: str
    certificate_pem: str
    public_key_id: str
    appids: list[str] = field(default_factory=list)
    answers_certificates: bool = True  # False: a merchant opened since 2024-09, which has the public key alone
    uses_public_key: bool = False  # its last signed request named the public key
    transfer_fund_fen: int = 100_000_000  # what merchant transfers are paid from
    wants_client_certificate: bool = False  # True: /secapi asks for the merchant's certificate, shown by a header


@dataclass
class PlatformKey:
    """A key of WeChat Pay itself: a certificate (40 hex serial) or a public key (``PUB_KEY_ID_…``)."""

    serial: str
    private_key_pem: str
    public_pem: str  # the certificate, or the bare public key
    effective_at: float = 0
    expires_at: float = 0


@dataclass
class AlipayApp:
    """A seller's application at Alipay, with both sides' keys."""

    app_id: str
    name: str
    seller_id: str
    app_private_key_pem: str
    app_public_key_pem: str
    alipay_private_key_pem: str
    alipay_public_key_pem: str


@dataclass
class AlipayTrade:
    """Amounts in fen; ``refunds`` by ``out_request_no``."""

    trade_no: str
    app_id: str
    out_trade_no: str
    subject: str
    total: int
    created_at: float
    request_digest: str
    notify_url: str = ""
    qr_code: str = ""
    exists: bool = True  # a shown code is no trade before somebody scans it
    state: str = "WAIT_BUYER_PAY"  # TRADE_SUCCESS | TRADE_FINISHED | TRADE_CLOSED
    user_id: str = ""
    paid_at: float = 0
    closed_at: float = 0
    refunded: int = 0
    reversed: bool = False
    refunds: dict[str, int] = field(default_factory=dict)


@dataclass
class Account:
    """An Official Account (service account)."""

    appid: str
    name: str
    original_id: str
    secret: str
    token: str
    aes_key: str
    mode: str = "plain"  # plain | compatible | safe
    kind: str = "service"  # service | subscription
    verified: bool = True
    url: str = ""
    oauth_domain: str = ""
    js_domain: str = ""
    unionid_bound: bool = False
    menu: Json | None = None
    conditional_menus: list[Json] = field(default_factory=list)
    templates: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, Json] = field(default_factory=dict)


@dataclass
class User:
    """A person with a phone. ``password`` is the payment password."""

    id: str
    name: str
    avatar_colour: str
    password: str = "123456"  # noqa: S105 - the documented password of every sandbox person
    balance_fen: int = 1_000_000
    password_free_below_fen: int = 0
    lat: float = 31.2304
    lng: float = 121.4737
    weak_network: bool = False
    rejects_templates: bool = False
    wrong_passwords: int = 0
    consented: list[str] = field(default_factory=list)  # appids that may read the profile


@dataclass
class Follower:
    """One person's relation with one account, and the windows in which the account may write to them."""

    appid: str
    user_id: str
    openid: str
    subscribed: bool = False
    subscribed_at: float = 0
    subscribe_scene: str = "ADD_SCENE_SEARCH"
    qr_scene: int = 0
    qr_scene_str: str = ""
    remark: str = ""
    tag_ids: list[int] = field(default_factory=list)
    text_at: float = 0
    text_left: int = 0
    action_at: float = 0
    action_left: int = 0
    mass_months: dict[str, int] = field(default_factory=dict)


@dataclass
class Order:
    """A payment order of either version. Amounts in fen."""

    transaction_id: str
    mchid: str
    appid: str
    out_trade_no: str
    kind: str  # JSAPI | NATIVE | APP | MICROPAY
    version: str  # v2 | v3
    description: str
    total: int
    created_at: float
    request_digest: str
    attach: str = ""
    notify_url: str = ""
    expires_at: float = 0
    openid: str = ""
    device_info: str = ""
    goods_tag: str = ""
    profit_sharing: bool = False
    state: str = "NOTPAY"  # NOTPAY | USERPAYING | SUCCESS | REFUND | CLOSED | REVOKED | PAYERROR
    user_id: str = ""
    paid_at: float = 0
    refunded: int = 0
    prepay_id: str = ""
    prepay_at: float = 0
    code_url: str = ""
    auth_code: str = ""
    reversed_at: float = 0


@dataclass
class Refund:
    refund_id: str
    transaction_id: str
    mchid: str
    out_refund_no: str
    amount: int
    request_digest: str
    created_at: float
    status: str = "PROCESSING"  # PROCESSING | SUCCESS | CLOSED | ABNORMAL
    reason: str = ""
    notify_url: str = ""
    finished_at: float = 0
    version: str = "v3"


@dataclass
class Transfer:
    """Money that a merchant sends to a person, who takes it by a tap."""

    transfer_bill_no: str
    mchid: str
    appid: str
    out_bill_no: str
    openid: str
    scene_id: str
    amount: int
    remark: str
    request_digest: str
    created_at: float
    updated_at: float
    state: str = "WAIT_USER_CONFIRM"  # TRANSFERING | SUCCESS | FAIL | CANCELING | CANCELLED
    package_info: str = ""
    notify_url: str = ""
    fail_reason: str = ""
    style: str = "CONFIRM_PAGE"
    perception: str = ""


@dataclass
class PayCode:
    """The 18 digits a cashier scans from a phone."""

    code: str
    user_id: str
    made_at: float
    expires_at: float
    used_by: str = ""  # transaction_id or trade_no
    wallet: str = "wechat"  # wechat | alipay


@dataclass
class PaySheet:
    """What stands on a phone waiting for the password."""

    user_id: str
    transaction_id: str
    opened_at: float
    origin: str  # JSAPI | NATIVE | APP | MICROPAY | ALIPAY


@dataclass
class ApiToken:
    value: str
    appid: str
    kind: str  # token | stable | jsapi_ticket | oauth | oauth_refresh
    expires_at: float
    openid: str = ""
    scope: str = ""


@dataclass
class BillFile:
    """A daily bill that was asked for, until its address dies."""

    token: str
    mchid: str
    text: str
    gzip: bool
    expires_at: float


@dataclass
class QrTicket:
    ticket: str
    appid: str
    action: str
    url: str
    created_at: float
    scene_id: int = 0
    scene_str: str = ""
    expires_at: float = 0  # 0: permanent

    @property
    def scene(self) -> str:
        return self.scene_str or str(self.scene_id)


@dataclass
class OAuthCode:
    code: str
    appid: str
    user_id: str
    scope: str
    expires_at: float
    used: bool = False


@dataclass
class LoginSession:
    """An ordinary browser that waits for a phone to scan its login code."""

    id: str
    appid: str
    redirect_uri: str
    scope: str
    state: str
    expires_at: float
    status: str = "waiting"  # waiting | scanned | confirmed | refused
    user_id: str = ""
    from_page: bool = False  # a consent asked inside the phone; no other browser waits
    redirect_uri_with_code: str = ""


@dataclass
class Media:
    """A file that an account sent up; ``data`` is base64."""

    id: str
    appid: str
    kind: str
    name: str
    content_type: str
    data: str
    created_at: float


@dataclass
class MassJob:
    """One mass message on its way to many."""

    msg_id: int
    appid: str
    kind: str
    body: Json
    at: float
    total: int
    client_id: str = ""
    status: str = "SENDING"  # SENDING | SEND_SUCCESS
    sent: int = 0
    user_ids: list[str] = field(default_factory=list)


@dataclass
class Message:
    """One line of a chat. ``kind``: text, image, voice, video, music, news, template, event, notice."""

    id: int
    appid: str
    user_id: str
    direction: str  # in: account to person; out: person to account
    kind: str
    at: float
    body: Json


@dataclass
class Notice:
    """A line in the phone's notification shade: a payment, a refund, a new message."""

    id: int
    user_id: str
    kind: str
    title: str
    text: str
    at: float


@dataclass
class WalletLine:
    id: int
    user_id: str
    kind: str  # payment | refund | transfer
    title: str
    amount_fen: int  # negative: out of the wallet
    balance_fen: int
    at: float
    transaction_id: str
