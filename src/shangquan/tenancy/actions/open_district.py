from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, transaction

from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.tenancy.contracts import SLUG_TAKEN, DistrictOpened
from shangquan.tenancy.models import District
from shangquan.tenancy.rules import READY


@required
def open_district(
    *,
    slug: str,
    name: str,
    name_en: str = "",
    zone: str = "Asia/Shanghai",
    modules: Iterable[str] = READY,
    now: datetime,
) -> int:
    """Open a district with the modules it starts with; answers its id.

    Refuses a taken slug (N-4092) and an unknown zone.

    The owner alone is enough: nothing asks for a partner.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused(BAD_INPUT, why=f"没有时区 {zone}") from None
    try:
        with transaction.atomic():
            row = District.objects.create(
                slug=slug, name=name, name_en=name_en, zone=zone, modules=sorted(modules), opened_at=now
            )
    except IntegrityError:
        raise Refused(SLUG_TAKEN) from None
    with scope.scope(row.id):
        audit.record(action="tenancy.open", subject="district", subject_id=row.id, after={"slug": slug, "name": name})
        publish(DistrictOpened(opened_district_id=row.id))
    return row.id
