from shangquan.district.models import Building, Category, Floor
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required


@required
def add_building(*, code: str, name: str, name_en: str = "", address: str = "", sort: int = 0) -> int:
    """Add a building, or rename the one with this code; answers its id. Needs `district.edit`."""
    scope.require("district.edit")
    _named(code, name)
    row, _ = Building.objects.update_or_create(
        code=code, district_id=scope.district_id(),
        defaults={"name": name, "name_en": name_en, "address": address, "sort": sort},
    )  # fmt: skip
    audit.record(action="district.building", subject="building", subject_id=row.id, after={"code": code, "name": name})
    return int(row.id)


@required
def add_floor(building_id: int, *, code: str, name: str, name_en: str = "", sort: int = 0) -> int:
    """Add a floor, or rename the building's floor with this code; answers its id. Needs `district.edit`."""
    scope.require("district.edit")
    _named(code, name)
    if not Building.rows().filter(id=building_id).exists():
        raise Refused(BAD_INPUT, why="没有这栋楼")
    row, _ = Floor.objects.update_or_create(
        building_id=building_id, code=code, district_id=scope.district_id(),
        defaults={"name": name, "name_en": name_en, "sort": sort},
    )  # fmt: skip
    audit.record(action="district.floor", subject="floor", subject_id=row.id, after={"code": code, "name": name})
    return int(row.id)


@required
def add_category(*, code: str, name: str, name_en: str = "", sort: int = 0) -> int:
    """Add a category of merchants, or rename the one with this code; answers its id. Needs `district.edit`."""
    scope.require("district.edit")
    _named(code, name)
    row, _ = Category.objects.update_or_create(
        code=code, district_id=scope.district_id(), defaults={"name": name, "name_en": name_en, "sort": sort}
    )
    audit.record(action="district.category", subject="category", subject_id=row.id, after={"code": code, "name": name})
    return int(row.id)


def _named(code: str, name: str) -> None:
    if not code.strip() or not name.strip():
        raise Refused(BAD_INPUT, why="代号和名称都要写")
