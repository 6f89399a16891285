"""Timers of the room."""

from shangquan.coupons.actions.campaigns import end_finished_campaigns
from shangquan.coupons.actions.gift import expire_gifts
from shangquan.kernel import clock
from shangquan.kernel.jobs import every
from shangquan.kernel.transactions import transaction


@every("*/5 * * * *", name="coupons.expire")
def expire() -> None:
    """Offers nobody took go back; campaigns whose last date has passed end. Pieces expire by their own dates."""
    with transaction():
        expire_gifts(now=clock.now())
    with transaction():
        end_finished_campaigns(now=clock.now())
