"""Which page a scene code opens, with the scene in the address so that what follows is counted for it (E10, F18)."""

from datetime import datetime

from shangquan.codes import door as codes
from shangquan.codes.contracts import SceneCard, SubjectState
from shangquan.coupons.contracts import Source
from shangquan.district import door as district
from shangquan.kernel.errors import Refused
from shangquan.memberapp.shell import path

# What stands on a counter (its code means "pay here") and what hangs at a door are both a store.
PAY_HERE = ("counter", "pay")


def register() -> None:
    codes.register_destination("shelf", _shelf)
    codes.register_destination("coupon_campaign", _campaign)
    codes.register_destination("store", _store)
    codes.register_destination("shop_pay", _pay)
    codes.register_destination("table", _table)
    codes.register_destination("district", _home)
    codes.register_destination("activity", _activity)
    codes.register_subject("store", _store_state)
    codes.register_subject("shop_pay", _pay_state)


def source_of(scene: str) -> tuple[Source, int | None]:
    """What a claim through this scene is counted as: its own way where coupons know one, and the code's id."""
    if not scene:
        return Source.SHELF, None
    try:
        card = codes.scene(scene)
    except Refused:
        return Source.SHELF, None
    return (Source(card.source) if card.source in set(Source) else Source.SHELF), card.id


def _shelf(card: SceneCard, said: SubjectState | None) -> str:
    return path("shelf", card.subject_id, scene=card.scene)


def _campaign(card: SceneCard, said: SubjectState | None) -> str:
    return path("campaign", card.subject_id, scene=card.scene)


def _store(card: SceneCard, said: SubjectState | None) -> str:
    name = "pay_store" if card.source in PAY_HERE else "store"
    return path(name, card.subject_id, scene=card.scene)


def _pay(card: SceneCard, said: SubjectState | None) -> str:
    return path("pay_store", card.subject_id, scene=card.scene)


def _table(card: SceneCard, said: SubjectState | None) -> str:
    """A table belongs to a store; its number is the code's place."""
    return path("store", card.subject_id, scene=card.scene, table=card.place)


def _home(card: SceneCard, said: SubjectState | None) -> str:
    return path("home", scene=card.scene)


def _activity(card: SceneCard, said: SubjectState | None) -> str:
    return path("all_coupons", scene=card.scene)


def _store_state(store_id: int, now: datetime) -> SubjectState | None:
    found = district.stores([store_id])
    if not found:
        return None
    if not found[0].is_trading:
        return SubjectState(title=found[0].name, state="ended", result="这家店暂停营业 · This shop is closed for now")
    return SubjectState(title=found[0].name, actions=("view", "pay"))


def _pay_state(store_id: int, now: datetime) -> SubjectState | None:
    return _store_state(store_id, now)
