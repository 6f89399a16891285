"""Load the demo district once: `python -m shangquan.demo.load --scale 1`. A second start finds it and does nothing."""

import argparse
import json
import os
import subprocess
import sys
import time as wall
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shangquan.config.settings")
django.setup()

from shangquan.demo import history, offers, people, place  # noqa: E402
from shangquan.demo.books import close_the_weeks  # noqa: E402
from shangquan.demo.drawing import drawing  # noqa: E402
from shangquan.demo.history import Place, Story  # noqa: E402
from shangquan.district import door as district  # noqa: E402
from shangquan.district.contracts import MerchantDraft, ProductDraft, StoreDraft  # noqa: E402
from shangquan.identity.actions.grant_role import grant_role  # noqa: E402
from shangquan.identity.actions.make_account import make_account  # noqa: E402
from shangquan.identity.queries import staff_page  # noqa: E402
from shangquan.kernel import clock, jobs, scope  # noqa: E402
from shangquan.kernel.errors import Refused  # noqa: E402
from shangquan.kernel.transactions import transaction  # noqa: E402
from shangquan.pos import door as pos  # noqa: E402
from shangquan.tenancy import door as tenancy  # noqa: E402
from shangquan.tenancy.actions.open_district import open_district  # noqa: E402

SLUG = "qiwuli"
PARTS = 2  # processes that tell the story together: one for each core


def say(text: str, *, again: bool = False) -> None:
    sys.stdout.write(("\r" if again else "") + text + ("" if again else "\n"))
    sys.stdout.flush()


def load(scale: int) -> None:
    try:
        known = tenancy.by_slug(SLUG)
    except Refused:
        known = None
    if known is not None:
        say("district: 栖梧里 is there already")
        return
    began = wall.monotonic()
    now = clock.now()
    start = now - timedelta(days=history.DAYS)
    say(f"district: opening 栖梧里 with {800 * scale} members and {history.DAYS} days behind it")
    with clock.at(start):
        with transaction():
            district_id = open_district(slug=SLUG, name="栖梧里", name_en="Qiwuli", now=start)
        with scope.scope(district_id):
            made = furnish(start)
    tell(district_id, made, scale, now)
    with scope.scope(district_id):
        close_the_weeks(district_id, staff_ids(), made.shops, now)
        jobs.drain(in_their_time=True, queue="reactions")
    say(f"district: loaded in {wall.monotonic() - began:.0f} s")


def staff_ids() -> dict[str, int]:
    return {card.username: card.id for card in staff_page(limit=100)}


def furnish(now: datetime) -> Place:
    """Floors, merchants, goods, staff, rules and offers, in one transaction: all there or nothing."""
    with transaction():
        shops, stores = _merchants(now)
        goods = _goods(shops, now)
        _staff(shops, stores, now)
        _tills(shops, stores, goods, now)
        offers.set_points_and_tiers(now)
        campaigns = {offer.key: offers.publish(offer, shops, goods, now) for offer in offers.OFFERS}
        shelf = offers.open_the_shelf(campaigns, now)
        offers.set_journeys(campaigns, shops, now)
    from shangquan.codes import door as codes

    scenes = {card.source: card.id for card in codes.scenes(subject_kind="shelf", subject_id=shelf)}
    return Place(shops, stores, goods, campaigns, scenes)


def _merchants(now: datetime) -> tuple[dict[str, int], dict[str, list[int]]]:
    code, name, name_en = place.BUILDING
    building = district.add_building(code=code, name=name, name_en=name_en)
    for sort, (floor, zh, en) in enumerate(place.FLOORS):
        district.add_floor(building, code=floor, name=zh, name_en=en, sort=sort)
    for sort, (trade, zh, en) in enumerate(place.TRADES):
        district.add_category(code=trade, name=zh, name_en=en, sort=sort)
    drafts = [
        MerchantDraft(
            name=shop.name, name_en=shop.name_en, category=shop.trade, story=shop.story, logo=shop.logo,
            commission_bp=shop.commission_bp, joins_tiers=shop.joins_tiers,
            stores=[
                StoreDraft(name=f"{shop.name} {unit}", name_en=f"{shop.name_en} {unit}", unit=unit, floor=unit.split("-")[0])
                for unit in shop.units
            ],
        )
        for shop in place.SHOPS
    ]  # fmt: skip
    ids = district.load_merchants(drafts, now=now)
    shops = {shop.name: merchant for shop, merchant in zip(place.SHOPS, ids, strict=True)}
    stores: dict[str, list[int]] = {name: [] for name in shops}
    names = {merchant: name for name, merchant in shops.items()}
    for store in district.stores():
        stores[names[store.merchant_id]].append(store.id)
    return shops, stores


def _goods(shops: dict[str, int], now: datetime) -> dict[str, list[int]]:
    made = {}
    for number, shop in enumerate(place.SHOPS):
        drafts = [
            ProductDraft(
                name=name,
                spec=spec,
                price_fen=fen,
                picture=picture,
                category=shop.trade,
                barcode=place.barcode(number, item),
            )
            for item, (name, spec, fen, picture) in enumerate(shop.goods)
        ]
        made[shop.name] = district.load_products(shops[shop.name], drafts, now=now)
    return made


def _staff(shops: dict[str, int], stores: dict[str, list[int]], now: datetime) -> None:
    for login in people.LOGINS:
        account = make_account(username=login.username, name=login.name, password=login.password, now=now)
        merchant = shops.get(login.merchant)
        store = stores[login.merchant][0] if login.role == "cashier" else None
        grant_role(account_id=account, role=login.role, merchant_id=merchant, store_id=store, now=now)


def _tills(shops: dict[str, int], stores: dict[str, list[int]], goods: dict[str, list[int]], now: datetime) -> None:
    """A till in every store, keys for what has no bar code, and a picture at the foot of two merchants' receipts."""
    for name in shops:
        cheap = [card.id for card in sorted(district.products(ids=goods[name]), key=lambda card: card.price_fen)]
        for store in stores[name]:
            pos.add_till(store_id=store, name="收银台 1")
            pos.set_quick_keys(store_id=store, product_ids=cheap[:6])
    for name, line in (("小禾童装", "集齐六张小票图案，换一只纸灯笼"), ("山下面馆", "凭小票到一楼换酸梅汤")):
        pos.place_ad(merchant_id=shops[name], title=line, picture=drawing(line), starts_at=now, now=now)


def tell(district_id: int, made: Place, scale: int, until: datetime) -> None:
    """The story in two processes, then its reactions in two processes, each in its own time."""
    told = json.dumps({"place": made.__dict__, "scale": scale, "until": until.isoformat(), "district": district_id})
    _together("telling", told)
    _together("reacting", told)


def _together(what: str, told: str) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "shangquan.demo.load", "--part", f"{what}:{part}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        for part in range(PARTS)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(told)
        child.stdin.close()
    first = children[0].stdout
    assert first is not None
    for line in first:
        say(f"  {line.strip()}          ", again=True)
    say("")
    for child in children:
        if child.wait():
            raise SystemExit("the demo district did not load; `make reset` and try again")


def part(what: str, share: int) -> None:
    told = json.loads(sys.stdin.read())
    with scope.scope(told["district"]):
        if what == "telling":
            story = Story(Place(**told["place"]), told["scale"], datetime.fromisoformat(told["until"]), (share, PARTS))
            for done in story.tell():
                say(
                    f"telling {done:4.0%}: {len(story.cards)} members, {story.claims} claims, {story.bills} bills, {story.refunds} returns"
                )
        else:
            ran = jobs.drain(share=(share, PARTS), in_their_time=True, queue="reactions")
            say(f"reacting: {ran} reactions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--part", default="")
    arguments = parser.parse_args()
    if arguments.part:
        what, _, share = arguments.part.partition(":")
        part(what, int(share))
    else:
        load(arguments.scale)


if __name__ == "__main__":
    main()
