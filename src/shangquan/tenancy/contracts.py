from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shangquan.kernel.errors import Reason
from shangquan.kernel.events import Event, event

NO_DISTRICT = Reason("N-4041", "no_district", 404, "没有这个商圈。", "There is no such district.")
MODULE_OFF = Reason("N-4031", "module_off", 403, "「{title}」还没有开通。", "The module {module} is not switched on.")
UNKNOWN_MODULE = Reason(
    "N-4042", "unknown_module", 404, "没有「{module}」这个功能模块。", "There is no module called {module}."
)
MODULE_NEEDS = Reason(
    "N-4091",
    "module_needs",
    409,
    "「{title}」要先开通「{needs}」。",
    "The module {title} needs {needs} to be switched on first.",
)
SLUG_TAKEN = Reason("N-4092", "slug_taken", 409, "这个商圈代号已经有人用了。", "This district code is taken.")


@dataclass(frozen=True)
class Module:
    """A part of the product that a district switches on when its business grows to it.

    `ready` is False for what is described and reserved but not built yet: it can be seen, not switched on.
    """

    name: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    needs: tuple[str, ...] = ()
    ready: bool = True


@dataclass(frozen=True)
class DistrictCard:
    id: int
    slug: str
    name: str
    name_en: str
    zone: ZoneInfo
    host: str
    modules: frozenset[str]
    brand: str


@event("district_opened")
@dataclass(frozen=True)
class DistrictOpened(Event):
    opened_district_id: int


@event("module_switched")
@dataclass(frozen=True)
class ModuleSwitched(Event):
    module: str
    on: bool
