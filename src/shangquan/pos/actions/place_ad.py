import io
from datetime import datetime

from django.db.models import Q
from PIL import Image, UnidentifiedImageError

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.pos.contracts import BAD_PICTURE
from shangquan.pos.models import AdSlot

WIDEST, HIGHEST, LARGEST = 576, 800, 512 * 1024


@required
def place_ad(
    *, merchant_id: int, title: str, picture: bytes, starts_at: datetime, ends_at: datetime | None = None, now: datetime
) -> int:
    """The picture at the foot of a merchant's receipts from then on; the one before ends there. Answers its id.

    Needs `till.setup`. The picture is kept black on white, at most 576 dots wide. Refuses T-4003.
    """
    scope.require("till.setup", merchant_id=merchant_id)
    drawn = _black_and_white(picture)
    AdSlot.rows().filter(Q(ends_at=None) | Q(ends_at__gt=starts_at), merchant_id=merchant_id).update(ends_at=starts_at)
    row = AdSlot(merchant_id=merchant_id, title=title.strip()[:60], picture=drawn, starts_at=starts_at, ends_at=ends_at)
    row.save()
    audit.record(action="till.place_ad", subject="merchant", subject_id=merchant_id, after={"title": row.title})
    return row.id


def _black_and_white(picture: bytes) -> bytes:
    if len(picture) > LARGEST:
        raise Refused(BAD_PICTURE, why="大于 512 KB", why_en="it is larger than 512 KB")
    try:
        opened = Image.open(io.BytesIO(picture))
        if opened.width * opened.height > 20_000_000:
            raise Refused(BAD_PICTURE, why="尺寸太大", why_en="it has too many dots")
        flat = Image.new("RGB", opened.size, "white")
        coloured = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError):
        raise Refused(BAD_PICTURE, why="不是图片", why_en="it is not a picture") from None
    flat.paste(coloured, mask=coloured.getchannel("A"))
    flat.thumbnail((WIDEST, HIGHEST))
    kept = io.BytesIO()
    flat.convert("1").save(kept, "PNG")
    return kept.getvalue()
