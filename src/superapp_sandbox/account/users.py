"""Followers and tags."""

from starlette.routing import Route

from ..records import Follower, Json
from ..refusals import AccountRefusal
from . import gate

PAGE = 10_000
MOST_TAGS = 100
MOST_BATCH = 50


def _followers(ask: gate.Ask) -> list[Follower]:
    return [f for f in ask.world.followers.values() if f.appid == ask.account.appid and f.subscribed]


def _by_openid(ask: gate.Ask, openid: str) -> Follower:
    found = ask.world.follower_by_openid(ask.account.appid, openid)
    if found is None:
        raise gate.refuse(40003)
    return found


def _info(ask: gate.Ask, follower: Follower) -> Json:
    """No nickname, sex or picture: the platform stopped giving them."""
    if not follower.subscribed:
        return {"subscribe": 0, "openid": follower.openid, "tagid_list": []}
    shown: Json = {
        "subscribe": 1,
        "openid": follower.openid,
        "language": "zh_CN",
        "subscribe_time": int(follower.subscribed_at),
        "remark": follower.remark,
        "groupid": follower.tag_ids[0] if follower.tag_ids else 0,
        "tagid_list": follower.tag_ids,
        "subscribe_scene": follower.subscribe_scene,
        "qr_scene": follower.qr_scene,
        "qr_scene_str": follower.qr_scene_str,
    }
    return shown | ({"unionid": ask.world.unionid(follower.user_id)} if ask.account.unionid_bound else {})


def info(ask: gate.Ask) -> Json:
    return _info(ask, _by_openid(ask, ask.query.get("openid", "")))


def batch_info(ask: gate.Ask) -> Json:
    wanted = ask.body.get("user_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        raise AccountRefusal(40032, "invalid openid list size")
    return {"user_info_list": [_info(ask, _by_openid(ask, str(one.get("openid", "")))) for one in wanted]}


def get(ask: gate.Ask) -> Json:
    openids = [f.openid for f in _followers(ask)]
    after = ask.query.get("next_openid", "")
    start = openids.index(after) + 1 if after in openids else 0
    page = openids[start : start + PAGE]
    shown: Json = {"total": len(openids), "count": len(page), "next_openid": page[-1] if page else ""}
    return shown | ({"data": {"openid": page}} if page else {})


def remark(ask: gate.Ask) -> None:
    follower, words = _by_openid(ask, ask.text("openid", errcode=40003)), str(ask.body.get("remark", ""))
    if len(words.encode()) >= 30:
        raise AccountRefusal(40050, "invalid remark")
    follower.remark = words


def _tag(ask: gate.Ask, tag_id: object) -> Json:
    tag = ask.account.tags.get(str(tag_id))
    if tag is None:
        raise AccountRefusal(45159, "invalid tag id")
    return tag


def _tag_name(ask: gate.Ask) -> str:
    part = ask.body.get("tag")
    name = part.get("name") if isinstance(part, dict) else None
    if not isinstance(name, str) or not name:
        raise AccountRefusal(45157, "invalid tag name")
    if len(name) > 30:
        raise AccountRefusal(45158, "tag name too long")
    if any(tag["name"] == name for tag in ask.account.tags.values()):
        raise AccountRefusal(45157, "tag name exists")
    return name


def create_tag(ask: gate.Ask) -> Json:
    if len(ask.account.tags) >= MOST_TAGS:
        raise AccountRefusal(45056, "too many tags")
    tag = {"id": 100 + ask.world.ids.number(), "name": _tag_name(ask)}
    ask.account.tags[str(tag["id"])] = tag
    return {"tag": tag}


def list_tags(ask: gate.Ask) -> Json:
    followers = _followers(ask)
    return {
        "tags": [tag | {"count": sum(tag["id"] in f.tag_ids for f in followers)} for tag in ask.account.tags.values()]
    }


def update_tag(ask: gate.Ask) -> None:
    part = ask.body.get("tag")
    _tag(ask, part.get("id") if isinstance(part, dict) else "")["name"] = _tag_name(ask)


def delete_tag(ask: gate.Ask) -> None:
    part = ask.body.get("tag")
    tag = _tag(ask, part.get("id") if isinstance(part, dict) else "")
    del ask.account.tags[str(tag["id"])]
    for follower in _followers(ask):
        follower.tag_ids = [t for t in follower.tag_ids if t != tag["id"]]


def _batch(ask: gate.Ask) -> tuple[Json, list[Follower]]:
    openids = ask.body.get("openid_list")
    if not isinstance(openids, list) or not 1 <= len(openids) <= MOST_BATCH:
        raise AccountRefusal(40032, "invalid openid list size")
    return _tag(ask, ask.body.get("tagid")), [_by_openid(ask, str(o)) for o in openids]


def tag_batch(ask: gate.Ask) -> None:
    tag, followers = _batch(ask)
    if any(len(f.tag_ids) >= 20 and tag["id"] not in f.tag_ids for f in followers):
        raise AccountRefusal(45059, "a person may have at most 20 tags")
    for follower in followers:
        follower.tag_ids = [*[t for t in follower.tag_ids if t != tag["id"]], tag["id"]]


def untag_batch(ask: gate.Ask) -> None:
    tag, followers = _batch(ask)
    for follower in followers:
        follower.tag_ids = [t for t in follower.tag_ids if t != tag["id"]]


def tags_of(ask: gate.Ask) -> Json:
    return {"tagid_list": _by_openid(ask, ask.text("openid", errcode=40003)).tag_ids}


def tagged(ask: gate.Ask) -> Json:
    tag = _tag(ask, ask.body.get("tagid"))
    openids = [f.openid for f in _followers(ask) if tag["id"] in f.tag_ids]
    return {"count": len(openids), "data": {"openid": openids}, "next_openid": openids[-1] if openids else ""}


def _post(path: str, title: str, handler: gate.Handler) -> Route:
    return Route(path, gate.with_token(title, handler), methods=["POST"])


routes = [
    Route("/cgi-bin/user/info", gate.with_token("用户信息 user/info", info), methods=["GET"]),
    Route("/cgi-bin/user/get", gate.with_token("用户列表 user/get", get), methods=["GET"]),
    Route("/cgi-bin/tags/get", gate.with_token("标签列表 tags/get", list_tags), methods=["GET"]),
    _post("/cgi-bin/user/info/batchget", "批量用户信息 batchget", batch_info),
    _post("/cgi-bin/user/info/updateremark", "用户备注 updateremark", remark),
    _post("/cgi-bin/tags/create", "创建标签 tags/create", create_tag),
    _post("/cgi-bin/tags/update", "编辑标签 tags/update", update_tag),
    _post("/cgi-bin/tags/delete", "删除标签 tags/delete", delete_tag),
    _post("/cgi-bin/tags/members/batchtagging", "打标签 batchtagging", tag_batch),
    _post("/cgi-bin/tags/members/batchuntagging", "取消标签 batchuntagging", untag_batch),
    _post("/cgi-bin/tags/getidlist", "用户的标签 getidlist", tags_of),
    _post("/cgi-bin/user/tag/get", "标签的用户 tag/get", tagged),
]
