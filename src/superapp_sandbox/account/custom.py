"""Customer-service messages, within the windows a person's own acts open.

After a text message: 5 within 48 hours. After following, scanning or clicking: 3 within one minute.
Outside: 45015; used up: 45047.
"""

from starlette.routing import Route

from ..records import Follower, Json
from ..world import World
from . import gate, messages

TEXT_S = 48 * 3600
ACTION_S = 60
_KINDS = ("text", "image", "voice", "video", "music", "news", "mpnewsarticle", "msgmenu", "miniprogrampage", "wxcard")


def spend(world: World, follower: Follower) -> None:
    """Take one message from the window that closes first. Refuses 45015 and 45047."""
    now = world.clock.now()
    in_action = follower.action_at > 0 and now - follower.action_at < ACTION_S
    in_text = follower.text_at > 0 and now - follower.text_at < TEXT_S
    if not follower.subscribed or not (in_action or in_text):
        raise gate.refuse(45015)
    if in_action and follower.action_left > 0:
        follower.action_left -= 1
    elif in_text and follower.text_left > 0:
        follower.text_left -= 1
    else:
        raise gate.refuse(45047)


def send(ask: gate.Ask) -> None:
    follower = ask.world.follower_by_openid(ask.account.appid, ask.text("touser", errcode=40003))
    if follower is None:
        raise gate.refuse(40003)
    kind = ask.text("msgtype", errcode=40008)
    part = ask.body.get(kind)
    if kind not in _KINDS or not isinstance(part, dict):
        raise gate.refuse(40008, "invalid message type")
    shown = _shown(kind, part)
    spend(ask.world, follower)
    ask.world.say(ask.account.appid, follower.user_id, "in", kind if kind != "msgmenu" else "menu", shown)


def _shown(kind: str, part: Json) -> Json:
    if kind == "text":
        content = part.get("content")
        if not isinstance(content, str) or not content:
            raise gate.refuse(44004, "empty content")
        if len(content.encode()) > 2048:
            raise gate.refuse(45002, "content size out of limit")
        return {"content": content}
    if kind == "news":
        articles = part.get("articles")
        if not isinstance(articles, list) or len(articles) != 1:
            raise gate.refuse(45008, "article size out of limit")
        return {"articles": articles}
    if kind in ("image", "voice", "video"):
        if not part.get("media_id"):
            raise gate.refuse(40007, "invalid media_id")
        return messages.with_address(dict(part))
    return dict(part)


def typing(ask: gate.Ask) -> None:
    """Typing or CancelTyping; only within a window."""
    follower = ask.world.follower_by_openid(ask.account.appid, ask.text("touser", errcode=40003))
    if follower is None:
        raise gate.refuse(40003)
    if ask.body.get("command") not in ("Typing", "CancelTyping"):
        raise gate.refuse(45072, "invalid command")
    ask.world.changes.tell("typing", follower.user_id, appid=ask.account.appid, on=ask.body["command"] == "Typing")


routes = [
    Route("/cgi-bin/message/custom/send", gate.with_token("客服消息 custom/send", send), methods=["POST"]),
    Route("/cgi-bin/message/custom/typing", gate.with_token("客服输入状态 typing", typing), methods=["POST"]),
]
