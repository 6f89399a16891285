"""The only row locks of this room."""

from shangquan.kernel.errors import Refused
from shangquan.messaging.contracts import NO_ACCOUNT, NO_MESSAGE, NO_PUSH
from shangquan.messaging.models import InMessage, MarketingDay, OfficialAccount, OutMessage, Push


def account(appid: str) -> OfficialAccount:
    """Refuses G-4041."""
    row = OfficialAccount.rows().filter(appid=appid).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_ACCOUNT)
    return row


def in_message(id: int) -> InMessage:
    """Refuses G-4043."""
    row = InMessage.rows().filter(id=id).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_MESSAGE)
    return row


def out_message(id: int) -> OutMessage:
    """Refuses G-4043."""
    row = OutMessage.rows().filter(id=id).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_MESSAGE)
    return row


def push(id: int) -> Push:
    """Refuses G-4044."""
    row = Push.rows().filter(id=id).select_for_update(no_key=True).first()
    if row is None:
        raise Refused(NO_PUSH)
    return row


def gathered(push_id: int, limit: int) -> list[OutMessage]:
    """Messages of a push that wait to go out together; those of a batch that was begun come first and alone."""
    rows = OutMessage.rows().filter(push_id=push_id, state="gathered").select_for_update(no_key=True)
    begun = rows.exclude(outside_id="").order_by("id").first()
    if begun is not None:
        return list(rows.filter(outside_id=begun.outside_id).order_by("id"))
    return list(rows.order_by("id")[:limit])


def places(push_id: int, limit: int) -> list[MarketingDay]:
    """Members' places of today that a push holds and nobody sends for yet; other workers' rows are passed over."""
    rows = MarketingDay.rows().filter(push_id=push_id, state="waiting").order_by("id")
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
