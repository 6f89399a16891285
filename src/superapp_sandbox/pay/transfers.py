"""Merchant transfers (商家转账): asked by the merchant, taken by the person on the phone.

ACCEPTED is passed at once; WAIT_USER_CONFIRM lives 24 h; then TRANSFERING and SUCCESS, or FAIL. A cancel is taken
while nobody confirmed: CANCELING, then CANCELLED. Amounts in fen. The person's name is wanted from 2,000 yuan on and
comes encrypted (RSAES-OAEP with SHA-1) for the key named in ``Wechatpay-Serial``.
"""

import base64
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from starlette.routing import Route

from ..calls import titled
from ..clock import rfc3339
from ..keys import load_private
from ..records import Json, Transfer, User
from ..refusals import PayRefusal, PhoneRefusal
from ..world import World
from . import fields, money, notify, orders, views
from .gate import Ask, endpoint

SCENES = ("1000", "1002", "1004", "1005", "1006", "1009", "1010", "1011", "1013")
NAME_FROM_FEN = 200_000
CONFIRM_WITHIN_S = 86400
QUERY_WITHIN_S = 30 * 86400
TAKES_S = 1.0
_NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")


def place(ask: Ask) -> Json:
    """Make the bill; the same number and request again give the same bill."""
    titled("商家转账 transfer")
    body, world, merchant = ask.body, ask.world, ask.merchant
    appid = fields.text(body, "appid", 32)
    number = fields.text(body, "out_bill_no", 32)
    if not _NUMBER.fullmatch(number):
        raise fields.bad("/out_bill_no", number, "应为1到32位字母或数字")
    amount = fields.whole(body, "/transfer_amount")
    scene, remark = fields.text(body, "transfer_scene_id", 36), fields.text(body, "transfer_remark", 32)
    openid, url = fields.text(body, "openid", 64), fields.notify_url(body, required=False)
    fields.bound_appid(merchant, appid)
    # An encrypted name differs each time it is encrypted; it is no part of what must stay the same.
    digest = orders.digest({k: v for k, v in body.items() if k != "user_name"})
    old = _find(world, merchant.mchid, number)
    if old is not None:
        if old.request_digest != digest:
            raise PayRefusal(400, "INVALID_REQUEST", "商户单号已存在，且参数与首次请求不一致")
        return _placed(old)
    user = _receiver(world, appid, openid)
    _check_rules(body, scene)
    name = _name(ask, amount)
    if merchant.transfer_fund_fen < amount:
        raise PayRefusal(403, "NOT_ENOUGH", "商户运营账户余额不足")
    merchant.transfer_fund_fen -= amount
    now, style = world.clock.now(), body.get("user_recv_style")
    made = Transfer(
        transfer_bill_no="13" + world.ids.digits(28),
        mchid=merchant.mchid,
        appid=appid,
        out_bill_no=number,
        openid=openid,
        scene_id=scene,
        amount=amount,
        remark=remark,
        request_digest=digest,
        created_at=now,
        updated_at=now,
        package_info=base64.b64encode(world.ids.bytes(48)).decode(),
        notify_url=url,
        style=str(style.get("type")) if isinstance(style, dict) else "CONFIRM_PAGE",
        perception=str(body.get("user_recv_perception") or ""),
    )
    world.transfers[made.transfer_bill_no] = made
    if name and name != user.name:
        _end(world, made, "FAIL", "NAME_NOT_CORRECT")
    else:
        world.notify(user.id, "transfer", merchant.name, f"{remark}：请确认收款 ¥{money.yuan(amount)}")
        world.deliver.run(_expire(world, made))
    return _placed(made)


def _find(world: World, mchid: str, number: str) -> Transfer | None:
    return next((t for t in world.transfers.values() if (t.mchid, t.out_bill_no) == (mchid, number)), None)


def _placed(made: Transfer) -> Json:
    shown = {
        "out_bill_no": made.out_bill_no,
        "transfer_bill_no": made.transfer_bill_no,
        "create_time": rfc3339(made.created_at),
        "state": made.state,
    }
    return shown | ({"package_info": made.package_info} if made.state == "WAIT_USER_CONFIRM" else {})


def _receiver(world: World, appid: str, openid: str) -> User:
    follower = world.follower_by_openid(appid, openid)
    if follower is None:
        raise PayRefusal(400, "PARAM_ERROR", "无效的openid")
    return world.users[follower.user_id]


def _check_rules(body: Json, scene: str) -> None:
    if scene not in SCENES:
        raise PayRefusal(400, "INVALID_REQUEST", "转账场景ID不存在或未开通")
    reports = body.get("transfer_scene_report_infos")
    filled = (
        isinstance(reports, list)
        and reports
        and all(isinstance(r, dict) and r.get("info_type") and r.get("info_content") for r in reports)
    )
    if not filled:
        raise PayRefusal(400, "INVALID_REQUEST", "转账场景报备信息未填写")


def _name(ask: Ask, amount: int) -> str:
    """The person's name in clear; empty when none was sent. Refuses when it is missing, plain or for another key."""
    sealed = ask.body.get("user_name")
    if not sealed:
        if amount >= NAME_FROM_FEN:
            raise PayRefusal(400, "PARAM_ERROR", "转账金额达到2000元时须填写收款用户姓名")
        return ""
    key = ask.world.platform_keys.get(ask.key_serial)
    if key is None:
        raise PayRefusal(400, "PARAM_ERROR", "加密敏感信息时须在Wechatpay-Serial中声明所用的密钥")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    try:
        return load_private(key.private_key_pem).decrypt(base64.b64decode(str(sealed)), oaep).decode()
    except ValueError:
        raise PayRefusal(400, "PARAM_ERROR", "user_name解密失败") from None


def _end(world: World, made: Transfer, state: str, reason: str = "") -> None:
    """A final state: money not taken goes back to the merchant, and the merchant is told."""
    made.state, made.fail_reason, made.updated_at = state, reason, world.clock.now()
    if state != "SUCCESS":
        world.merchants[made.mchid].transfer_fund_fen += made.amount
    notify.transfer(world, made)


async def _expire(world: World, made: Transfer) -> None:
    await world.clock.reach(made.created_at + CONFIRM_WITHIN_S)
    if made.state == "WAIT_USER_CONFIRM":
        _end(world, made, "FAIL", "OVERDUE_CLOSE")


async def _arrive(world: World, made: Transfer, user: User) -> None:
    await world.clock.sleep(TAKES_S)
    number, title = made.transfer_bill_no, "收款到账通知"
    money.book(world, user, made.amount, "transfer", made.remark, number, title)
    _end(world, made, "SUCCESS")


async def _give_back(world: World, made: Transfer) -> None:
    await world.clock.sleep(TAKES_S)
    _end(world, made, "CANCELLED", "MCH_CANCEL")


def answer(world: World, user: User, asked: Json) -> Json:
    """What the person does on the confirm page. Refuses PACKAGE_UNKNOWN, RECEIVER_WRONG, TRANSFER_OVER."""
    made = next((t for t in world.transfers.values() if t.package_info == asked.get("package")), None)
    if made is None or (asked.get("mchId"), asked.get("appId")) != (made.mchid, made.appid):
        raise PhoneRefusal("PACKAGE_UNKNOWN", "package无效", "mchId, appId and package name no transfer.")
    if world.openid(made.appid, user.id) != made.openid:
        raise PhoneRefusal("RECEIVER_WRONG", "收款用户不一致", "The transfer is for another person.")
    if made.state != "WAIT_USER_CONFIRM":
        raise PhoneRefusal("TRANSFER_OVER", "该笔转账已处理", "This transfer is over.", 409)
    shown = {"amount_fen": made.amount, "merchant": world.merchants[made.mchid].name, "remark": made.remark}
    if asked.get("answer", "yes") != "yes":
        return {"result": "cancel", "err_msg": "requestMerchantTransfer:cancel"} | shown
    made.state, made.updated_at = "TRANSFERING", world.clock.now()
    world.deliver.run(_arrive(world, made, user))
    return {"result": "success", "err_msg": "requestMerchantTransfer:ok"} | shown


def _found(ask: Ask, made: Transfer | None) -> Transfer:
    if made is None or made.mchid != ask.merchant.mchid:
        raise PayRefusal(404, "NOT_FOUND", "记录不存在")
    if ask.world.clock.now() > made.created_at + QUERY_WITHIN_S:
        raise PayRefusal(404, "NOT_FOUND", "仅支持查询最近30天的单据")
    return made


def query(ask: Ask) -> Json:
    titled("查询转账 query transfer")
    return views.transfer(_found(ask, _find(ask.world, ask.merchant.mchid, ask.path["out_bill_no"])))


def query_by_id(ask: Ask) -> Json:
    titled("查询转账 query transfer")
    return views.transfer(_found(ask, ask.world.transfers.get(ask.path["transfer_bill_no"])))


def cancel(ask: Ask) -> Json:
    """Taken in only while nobody confirmed; the end comes a little later."""
    titled("撤销转账 cancel transfer")
    made = _found(ask, _find(ask.world, ask.merchant.mchid, ask.path["out_bill_no"]))
    if made.state == "WAIT_USER_CONFIRM":
        made.state, made.updated_at = "CANCELING", ask.world.clock.now()
        ask.world.deliver.run(_give_back(ask.world, made))
    elif made.state not in ("CANCELING", "CANCELLED"):
        raise PayRefusal(400, "INVALID_REQUEST", "当前状态不能撤销")
    shown = views.transfer(made)
    return {k: shown[k] for k in ("out_bill_no", "transfer_bill_no", "state", "update_time")}


_BILLS = "/v3/fund-app/mch-transfer/transfer-bills"

routes = [
    Route(_BILLS, endpoint(place, wants_agent=True), methods=["POST"]),
    Route(f"{_BILLS}/out-bill-no/{{out_bill_no}}", endpoint(query, wants_agent=True), methods=["GET"]),
    Route(f"{_BILLS}/transfer-bill-no/{{transfer_bill_no}}", endpoint(query_by_id, wants_agent=True), methods=["GET"]),
    Route(f"{_BILLS}/out-bill-no/{{out_bill_no}}/cancel", endpoint(cancel, wants_agent=True), methods=["POST"]),
]
