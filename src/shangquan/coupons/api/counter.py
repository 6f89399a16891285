"""For tills: look at a code, check it off."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router

from shangquan.coupons import door
from shangquan.coupons.api.schemas import CheckIn, Key, PieceOut
from shangquan.identity.api import right
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction

router = Router()


@router.get("/codes/{code}", auth=right("coupons.redeem"), response=PieceOut, summary="看一张券 Look at a code")
def get_code(request: HttpRequest, code: Annotated[str, Path(min_length=12, max_length=20)]) -> PieceOut:
    """What it is and how it stands; nothing is consumed. Refuses C-4042."""
    return PieceOut.of(door.piece_by_code(code))


@router.post("/redemptions", auth=right("coupons.redeem"), response=PieceOut, summary="核销 Redeem without a bill")
def post_redemption(request: HttpRequest, body: CheckIn, key: Key) -> PieceOut:
    """The same key answers the first result. Each wrong piece has its own refusal and is not consumed."""
    with transaction():
        card = door.check_off(
            body.code,
            merchant_id=body.merchant_id,
            store_id=body.store_id,
            key=key,
            now=clock.now(),
            taken=tuple(body.taken),
            spend_fen=body.spend_fen,
        )
    return PieceOut.of(card)
