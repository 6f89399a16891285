"""Three shops of the district's story, made by the rooms that own them."""

from datetime import datetime

from shangquan.district import door as district
from shangquan.district.contracts import MerchantDraft, StoreDraft
from shangquan.kernel.transactions import transaction


def shop(name: str, unit: str, now: datetime) -> tuple[int, int]:
    """(merchant id, store id) of an active merchant."""
    with transaction():
        applied = district.apply_merchant(MerchantDraft(name=name, stores=[StoreDraft(name=name, unit=unit)]), now=now)
        district.review_merchant(applied, accepted=True, now=now)
    return applied, district.stores(merchant_id=applied)[0].id
