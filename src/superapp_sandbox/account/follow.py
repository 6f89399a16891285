"""Following, leaving, scanning a parametric code: what the phone does and which event the account gets."""

import asyncio
from typing import Any

from ..records import Account, Follower, Json, QrTicket
from ..world import World
from . import messages

Push = asyncio.Task[None]


def start_push(world: World, account: Account, follower: Follower, fields: Json) -> Push:
    """Push in the background; the task ends when the reply is in the chat or all tries failed."""
    return world.deliver.run(messages.push(world, account, follower, fields))


def follow(world: World, account: Account, user_id: str, ticket: QrTicket | None = None) -> Push | None:
    """Follow; the event carries ``qrscene_`` and the ticket when it came from a parametric code. Once only."""
    follower = world.follower(account.appid, user_id)
    if follower.subscribed:
        return None
    follower.subscribed, follower.subscribed_at = True, world.clock.now()
    follower.subscribe_scene = "ADD_SCENE_QR_CODE" if ticket else "ADD_SCENE_SEARCH"
    more: dict[str, Any] = {"EventKey": ""}
    if ticket is not None:
        follower.qr_scene, follower.qr_scene_str = ticket.scene_id, ticket.scene_str
        more = {"EventKey": f"qrscene_{ticket.scene}", "Ticket": ticket.ticket}
    messages.open_action_window(world, follower)
    world.changes.tell("following", user_id, appid=account.appid)
    world.say(account.appid, user_id, "out", "event", {"event": "subscribe", "key": more["EventKey"]})
    return start_push(world, account, follower, messages.event(world, account, follower, "subscribe", **more))


def unfollow(world: World, account: Account, user_id: str) -> Push | None:
    follower = world.follower(account.appid, user_id)
    if not follower.subscribed:
        return None
    follower.subscribed, follower.text_left, follower.action_left, follower.tag_ids = False, 0, 0, []
    world.changes.tell("following", user_id, appid=account.appid)
    return start_push(world, account, follower, messages.event(world, account, follower, "unsubscribe", EventKey=""))


def scan(world: World, account: Account, user_id: str, ticket: QrTicket) -> Push | None:
    """A parametric code: follow when not following yet, else a SCAN event without the prefix."""
    follower = world.follower(account.appid, user_id)
    if not follower.subscribed:
        return follow(world, account, user_id, ticket)
    messages.open_action_window(world, follower)
    world.say(account.appid, user_id, "out", "event", {"event": "SCAN", "key": ticket.scene})
    fields = messages.event(world, account, follower, "SCAN", EventKey=ticket.scene, Ticket=ticket.ticket)
    return start_push(world, account, follower, fields)


def say(world: World, account: Account, user_id: str, content: str) -> Push:
    """A text message."""
    follower = world.follower(account.appid, user_id)
    messages.open_text_window(world, follower)
    world.say(account.appid, user_id, "out", "text", {"content": content})
    return start_push(world, account, follower, messages.text(world, account, follower, content))


def locate(world: World, account: Account, user_id: str) -> Push:
    """The LOCATION event sent when the person opens the chat and lets the account know the place."""
    follower, user = world.follower(account.appid, user_id), world.users[user_id]
    place = {"Latitude": f"{user.lat:.6f}", "Longitude": f"{user.lng:.6f}", "Precision": "30.000000"}
    return start_push(world, account, follower, messages.event(world, account, follower, "LOCATION", **place))
