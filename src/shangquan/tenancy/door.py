"""What other rooms may ask of the district they work in."""

from datetime import date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.tenancy.actions.switch_module import switch_module as switch_module
from shangquan.tenancy.contracts import MODULE_OFF, NO_DISTRICT, DistrictCard, Module
from shangquan.tenancy.models import District
from shangquan.tenancy.rules import MODULES, module


def district(district_id: int | None = None) -> DistrictCard:
    """The open district (read once a scope), or the one named. Refuses N-4041."""
    if district_id is not None and district_id != scope.district_id():
        return _by(id=district_id)
    memo = scope.current().memo
    if "district" not in memo:
        memo["district"] = _by(id=scope.district_id())
    return cast(DistrictCard, memo["district"])


def by_slug(slug: str) -> DistrictCard:
    return _by(slug=slug)


def for_host(host: str) -> DistrictCard | None:
    """The district that a host name leads to; an installation with one district needs no host names."""
    rows = list(District.objects.filter(host__in=[host, ""]).order_by("-host", "id")[:2])
    if rows and (rows[0].host == host or len(rows) == 1):
        return _card(rows[0])
    return None


def all_district_ids() -> list[int]:
    return list(District.objects.order_by("id").values_list("id", flat=True))


def local(moment: datetime, card: DistrictCard | None = None) -> datetime:
    """A stored UTC moment on the district's clock."""
    return moment.astimezone((card or district()).zone)


def today(now: datetime) -> date:
    """The district's calendar day, which ends at its own midnight."""
    return local(now).date()


def day_span(since: date, until: date) -> tuple[datetime, datetime]:
    """The moments between which these local days lie, both days included: [begin, end)."""
    zone = district().zone
    return datetime.combine(since, time.min, zone), datetime.combine(until + timedelta(days=1), time.min, zone)


def all_modules() -> tuple[Module, ...]:
    """Every module there is, built or reserved, in the order a district usually grows into them."""
    return tuple(MODULES.values())


def module_on(name: str) -> bool:
    return module(name).name in district().modules


def require_module(name: str) -> None:
    """Refuses N-4031 while the module is off."""
    if not module_on(name):
        raise Refused(MODULE_OFF, module=name, title=module(name).zh)


def _by(**key: object) -> DistrictCard:
    row = District.objects.filter(**key).first()
    if row is None:
        raise Refused(NO_DISTRICT)
    return _card(row)


def _card(row: District) -> DistrictCard:
    return DistrictCard(
        id=row.id,
        slug=row.slug,
        name=row.name,
        name_en=row.name_en,
        zone=ZoneInfo(row.zone),
        host=row.host,
        modules=frozenset(row.modules),
        brand=row.brand,
    )
