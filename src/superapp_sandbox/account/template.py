"""Template messages: the account's templates, sending, and the event that says how it ended."""

import re

from starlette.routing import Route

from ..records import Account, Follower, Json
from ..refusals import AccountRefusal
from ..world import World
from . import gate, messages

MOST = 25
SAME_MESSAGE_S = 600
ARRIVES_S = 1.0
_FIELD = re.compile(r"\{\{(\w+)\.DATA\}\}")

# The sandbox's library: short id -> title and keyword lines, in the form of the platform's category templates.
LIBRARY: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "43001": ("优惠券到账提醒", (("优惠券名称", "thing1"), ("有效期", "time2"), ("使用门店", "thing3"))),
    "43002": ("优惠券过期提醒", (("优惠券名称", "thing1"), ("过期时间", "time2"), ("温馨提示", "thing3"))),
    "43003": (
        "积分变动提醒",
        (("变动积分", "number1"), ("当前积分", "number2"), ("变动原因", "thing3"), ("时间", "time4")),
    ),
    "43004": (
        "消费成功通知",
        (("消费门店", "thing1"), ("消费金额", "amount2"), ("消费时间", "time3"), ("获得积分", "number4")),
    ),
    "43005": ("退款通知", (("退款金额", "amount1"), ("订单编号", "character_string2"), ("退款原因", "thing3"))),
    "43006": ("排队叫号通知", (("门店", "thing1"), ("排队号码", "character_string2"), ("前方等待", "number3"))),
    "43007": ("预约成功通知", (("门店", "thing1"), ("预约时间", "time2"), ("人数", "number3"), ("备注", "thing4"))),
    "43008": ("停车缴费通知", (("车牌号", "car_number1"), ("停车费用", "amount2"), ("离场时间", "time3"))),
    "43009": ("会员等级变更提醒", (("会员等级", "phrase1"), ("生效时间", "time2"), ("权益说明", "thing3"))),
    "43010": ("活动提醒", (("活动名称", "thing1"), ("活动时间", "time2"), ("活动地点", "thing3"))),
    "43011": ("中奖通知", (("奖品", "thing1"), ("活动", "thing2"), ("领取期限", "time3"))),
    "43012": ("订单状态通知", (("订单编号", "character_string1"), ("订单状态", "phrase2"), ("时间", "time3"))),
}


def make(world: World, account: Account, title: str, content: str) -> Json:
    """A template of the account. Refuses 45026 when there are 25."""
    if len(account.templates) >= MOST:
        raise AccountRefusal(45026, "template num exceeds limit")
    template = {
        "template_id": world.ids.alnum(43),
        "title": title,
        "primary_industry": "",
        "deputy_industry": "",
        "content": content,
        "example": "",
    }
    account.templates[template["template_id"]] = template
    return template


def add(ask: gate.Ask) -> Json:
    """``template_id_short`` of the library; ``keyword_name_list`` picks lines."""
    short = str(ask.body.get("template_id_short", ""))
    if short not in LIBRARY:
        raise AccountRefusal(40037, "invalid template_id_short")
    title, lines = LIBRARY[short]
    wanted = ask.body.get("keyword_name_list") or [name for name, _ in lines]
    chosen = [(name, field) for name, field in lines if name in wanted]
    content = "\n".join(f"{name}:{{{{{field}.DATA}}}}" for name, field in chosen)
    return {"errcode": 0, "errmsg": "ok", "template_id": make(ask.world, ask.account, title, content)["template_id"]}


def list_all(ask: gate.Ask) -> Json:
    return {"template_list": list(ask.account.templates.values())}


def delete(ask: gate.Ask) -> None:
    if ask.account.templates.pop(str(ask.body.get("template_id", "")), None) is None:
        raise gate.refuse(40037)


def send(ask: gate.Ask) -> Json:
    """Accepted now, delivered a moment later; TEMPLATESENDJOBFINISH says how. Refuses 40003, 43004, 40037, 47003."""
    follower = ask.world.follower_by_openid(ask.account.appid, ask.text("touser", errcode=40003))
    if follower is None:
        raise gate.refuse(40003)
    template = ask.account.templates.get(str(ask.body.get("template_id", "")))
    if template is None:
        raise gate.refuse(40037)
    if not follower.subscribed:
        raise gate.refuse(43004)
    lines = _lines(template, ask.body.get("data"))
    same = _sent_before(ask, follower)
    if same is not None:
        return {"errcode": 0, "errmsg": "ok", "msgid": same}
    msgid = 3_000_000_000_000_000_000 + ask.world.ids.number()
    body = {
        "msgid": msgid,
        "template_id": template["template_id"],
        "title": template["title"],
        "url": ask.body.get("url") or "",
        "miniprogram": ask.body.get("miniprogram"),
        "lines": lines,
        "client_msg_id": str(ask.body.get("client_msg_id") or ""),
    }
    ask.world.deliver.run(_arrive(ask.world, ask.account, follower, msgid, body))
    if body["client_msg_id"]:
        key = f"{ask.account.appid}:{follower.user_id}:{body['client_msg_id']}"
        ask.world.template_ids[key] = [msgid, ask.world.clock.now()]
    return {"errcode": 0, "errmsg": "ok", "msgid": msgid}


def _sent_before(ask: gate.Ask, follower: Follower) -> int | None:
    """The number of the same ``client_msg_id`` within ten minutes."""
    key = f"{ask.account.appid}:{follower.user_id}:{ask.body.get('client_msg_id') or ''}"
    found = ask.world.template_ids.get(key)
    if found is None or ask.world.clock.now() - found[1] > SAME_MESSAGE_S:
        return None
    return int(found[0])


def _lines(template: Json, data: object) -> list[Json]:
    """Label and value of each line; a value that is missing or no text is refused."""
    if not isinstance(data, dict):
        raise gate.refuse(47003, "argument invalid! data")
    lines = []
    for line in str(template["content"]).splitlines():
        for field in _FIELD.findall(line):
            given = data.get(field)
            value = given.get("value") if isinstance(given, dict) else None
            if not isinstance(value, (str, int, float)) or value == "":
                raise gate.refuse(47003, f"argument invalid! data.{field}.value is empty")
            lines.append({"label": line.split("{{")[0].rstrip("：: "), "value": str(value), "field": field})
    return lines


async def _arrive(world: World, account: Account, follower: Follower, msgid: int, body: Json) -> None:
    await world.clock.sleep(ARRIVES_S)
    if world.users[follower.user_id].rejects_templates:
        status = "failed:user block"
    else:
        status = "success"
        world.say(account.appid, follower.user_id, "in", "template", body)
        world.notify(follower.user_id, "message", account.name, body["title"])
    fields = messages.event(world, account, follower, "TEMPLATESENDJOBFINISH", MsgID=msgid, Status=status)
    await messages.push(world, account, follower, fields)


routes = [
    Route("/cgi-bin/message/template/send", gate.with_token("模板消息 template/send", send), methods=["POST"]),
    Route("/cgi-bin/template/api_add_template", gate.with_token("添加模板 api_add_template", add), methods=["POST"]),
    Route("/cgi-bin/template/get_all_private_template", gate.with_token("模板列表", list_all), methods=["GET"]),
    Route("/cgi-bin/template/del_private_template", gate.with_token("删除模板", delete), methods=["POST"]),
]
