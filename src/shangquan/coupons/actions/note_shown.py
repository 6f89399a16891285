from datetime import datetime

from shangquan.coupons.models import Piece
from shangquan.kernel.transactions import required


@required
def note_shown(piece_id: int, *, now: datetime) -> None:
    """The piece was shown in the shop for the first time: its code opened at the counter, or scanned. Once is enough."""
    Piece.rows().filter(id=piece_id, shown_at__isnull=True).update(shown_at=now)
