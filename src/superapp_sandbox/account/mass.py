"""Drafts of articles and mass messages.

A service account reaches each person at most four times in a calendar month (more is left out silently and counted as
filtered); a subscription account sends once a day (else 45028). ``clientmsgid`` keeps a repeat from being sent twice:
45065 with the number of the first. MASSSENDJOBFINISH tells how it ended.
"""

from datetime import datetime
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..clock import CHINA, china_date
from ..records import Account, Follower, Json, MassJob
from ..refusals import AccountRefusal
from ..world import World
from . import gate, messages

MOST_A_MONTH = 4
MOST_TO = 10_000
ARRIVES_S = 1.0


def add_draft(ask: gate.Ask) -> Json:
    """One to eight articles. Refuses 40007 for a thumbnail that was not sent up, 45003, 45008."""
    articles = ask.body.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise gate.refuse(45008, "article size out of limit")
    for article in articles:
        _check_article(ask.world, ask.account, article)
    media_id = ask.world.ids.alnum(64)
    ask.world.drafts[media_id] = {"appid": ask.account.appid, "articles": articles, "at": ask.world.clock.now()}
    return {"media_id": media_id}


def _check_article(world: World, account: Account, article: Any) -> None:
    if not isinstance(article, dict) or not article.get("title") or not article.get("content"):
        raise gate.refuse(44003, "empty news data")
    if len(str(article["title"])) > 64:
        raise gate.refuse(45003, "title size out of limit")
    thumb = world.media.get(str(article.get("thumb_media_id") or ""))
    if thumb is None or thumb.appid != account.appid or thumb.kind != "permanent":
        raise gate.refuse(40007, "invalid media_id")


def _draft(ask: gate.Ask, media_id: object) -> Json:
    draft = ask.world.drafts.get(str(media_id))
    if draft is None or draft["appid"] != ask.account.appid:
        raise gate.refuse(40007, "invalid media_id")
    return draft


def get_draft(ask: gate.Ask) -> Json:
    return {"news_item": _draft(ask, ask.body.get("media_id"))["articles"]}


def delete_draft(ask: gate.Ask) -> None:
    _draft(ask, ask.body.get("media_id"))
    del ask.world.drafts[str(ask.body["media_id"])]


def _content(ask: gate.Ask) -> tuple[str, Json]:
    """What the chat will show."""
    kind = ask.text("msgtype", errcode=40008)
    part = ask.body.get(kind)
    if kind not in ("text", "mpnews", "image") or not isinstance(part, dict):
        raise gate.refuse(40008, "invalid message type")
    if kind == "text":
        if not part.get("content"):
            raise gate.refuse(44004, "empty content")
        return "text", {"content": str(part["content"])}
    media_id = str(part.get("media_id") or "")
    if kind == "image":
        if media_id not in ask.world.media:
            raise gate.refuse(40007, "invalid media_id")
        return "image", messages.with_address({"media_id": media_id})
    draft = _draft(ask, media_id)
    return "news", {"articles": [_shown(ask.world, media_id, n, a) for n, a in enumerate(draft["articles"])]}


def _shown(world: World, media_id: str, index: int, article: Json) -> Json:
    return {
        "title": article["title"],
        "description": article.get("digest") or "",
        "picurl": f"{world.base_url}/_phone/media/{article['thumb_media_id']}",
        "url": f"{world.base_url}/s/{media_id}/{index}",
    }


def send(ask: gate.Ask) -> Json:
    """To named followers, two to ten thousand."""
    openids = ask.body.get("touser")
    if not isinstance(openids, list) or not 2 <= len(openids) <= MOST_TO:
        raise AccountRefusal(40130, "invalid openid list size, at least two openid")
    found = [ask.world.follower_by_openid(ask.account.appid, str(openid)) for openid in dict.fromkeys(openids)]
    return _start(ask, [f for f in found if f is not None], len(found))


def send_all(ask: gate.Ask) -> Json:
    """To all followers, or to those with one tag."""
    rule = ask.body.get("filter")
    if not isinstance(rule, dict):
        raise gate.refuse(47001)
    mine = [f for f in ask.world.followers.values() if f.appid == ask.account.appid and f.subscribed]
    if rule.get("is_to_all") is not True:
        tag_id = rule.get("tag_id")
        if str(tag_id) not in ask.account.tags:
            raise AccountRefusal(45159, "invalid tag id")
        mine = [f for f in mine if int(str(tag_id)) in f.tag_ids]
    return _start(ask, mine, len(mine))


def _start(ask: gate.Ask, followers: list[Follower], total: int) -> Json:
    world, account = ask.world, ask.account
    kind, body = _content(ask)
    same = str(ask.body.get("clientmsgid") or "")
    old = next((j for j in world.mass_jobs.values() if same and (j.appid, j.client_id) == (account.appid, same)), None)
    if old is not None:
        return {"errcode": 45065, "errmsg": f"clientmsgid exist {gate.rid(world)}", "msg_id": old.msg_id}
    today = china_date(world.clock.now())
    if account.kind == "subscription" and any(
        j.appid == account.appid and china_date(j.at) == today for j in world.mass_jobs.values()
    ):
        raise AccountRefusal(45028, "has no masssend quota")
    job = MassJob(1_000_000_000 + world.ids.number(), account.appid, kind, body, world.clock.now(), total, same)
    job.user_ids = [f.user_id for f in followers if f.subscribed]
    world.mass_jobs[str(job.msg_id)] = job
    world.deliver.run(_arrive(world, account, job))
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": job.msg_id, "msg_data_id": job.msg_id + 7}


async def _arrive(world: World, account: Account, job: MassJob) -> None:
    await world.clock.sleep(ARRIVES_S)
    month = datetime.fromtimestamp(world.clock.now(), CHINA).strftime("%Y-%m")
    for user_id in job.user_ids:
        follower = world.follower(account.appid, user_id)
        if not follower.subscribed:
            continue
        if account.kind == "service" and follower.mass_months.get(month, 0) >= MOST_A_MONTH:
            continue
        follower.mass_months[month] = follower.mass_months.get(month, 0) + 1
        world.say(account.appid, user_id, "in", job.kind, job.body)
        job.sent += 1
    job.status = "SEND_SUCCESS"
    reached = next((world.follower(account.appid, u) for u in job.user_ids), None)
    fields = {
        "ToUserName": account.original_id,
        "FromUserName": reached.openid if reached else "",
        "CreateTime": int(world.clock.now()),
        "MsgType": "event",
        "Event": "MASSSENDJOBFINISH",
        "MsgID": job.msg_id,
        "Status": "send success",
        "TotalCount": job.total,
        "FilterCount": job.sent,
        "SentCount": job.sent,
        "ErrorCount": 0,
    }
    if reached is not None:
        await messages.push(world, account, reached, fields)


def preview(ask: gate.Ask) -> Json:
    """To one person at once; counts for nothing."""
    follower = ask.world.follower_by_openid(ask.account.appid, ask.text("touser", errcode=40003))
    if follower is None or not follower.subscribed:
        raise gate.refuse(40003)
    kind, body = _content(ask)
    made = ask.world.say(ask.account.appid, follower.user_id, "in", kind, body)
    return {"errcode": 0, "errmsg": "preview success", "msg_id": made.id}


def status(ask: gate.Ask) -> Json:
    job = ask.world.mass_jobs.get(str(ask.body.get("msg_id")))
    if job is None or job.appid != ask.account.appid:
        raise AccountRefusal(40059, "invalid msg id")
    return {"msg_id": job.msg_id, "msg_status": job.status}


async def article(request: Request) -> Response:
    """The page of an article. Scripts never run in it."""
    draft = gate.world_of(request).drafts.get(str(request.path_params["draft"]))
    index = int(request.path_params["index"])
    if draft is None or index >= len(draft["articles"]):
        return Response("", 404)
    shown = draft["articles"][index]
    source = shown.get("content_source_url") or ""
    more = f'<p><a href="{escape(source)}">阅读原文</a></p>' if source.startswith(("http://", "https://")) else ""
    page = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(shown['title'])}</title><h1>{escape(shown['title'])}</h1>{shown['content']}{more}</html>"
    )
    policy = "default-src 'none'; img-src *; style-src 'unsafe-inline'; frame-ancestors *; base-uri 'none'"
    return Response(page, headers={"Content-Security-Policy": policy}, media_type="text/html; charset=utf-8")


def _post(path: str, title: str, handler: gate.Handler) -> Route:
    return Route(path, gate.with_token(title, handler), methods=["POST"])


routes = [
    _post("/cgi-bin/draft/add", "新建草稿 draft/add", add_draft),
    _post("/cgi-bin/draft/get", "获取草稿 draft/get", get_draft),
    _post("/cgi-bin/draft/delete", "删除草稿 draft/delete", delete_draft),
    _post("/cgi-bin/message/mass/send", "群发 mass/send", send),
    _post("/cgi-bin/message/mass/sendall", "群发 mass/sendall", send_all),
    _post("/cgi-bin/message/mass/preview", "群发预览 mass/preview", preview),
    _post("/cgi-bin/message/mass/get", "群发状态 mass/get", status),
    Route("/s/{draft}/{index:int}", article, methods=["GET"]),
]
