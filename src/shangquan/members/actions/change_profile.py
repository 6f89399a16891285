from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required
from shangquan.members import locks


@required
def change_profile(member_id: int, *, name: str | None = None, birthday_month: int | None = None) -> None:
    """Change what the member says of themselves. Refuses a name above 40 characters and a month that is none."""
    if (name is not None and len(name.strip()) > 40) or (birthday_month is not None and not 1 <= birthday_month <= 12):
        raise Refused(BAD_INPUT, why="姓名最多 40 个字，生日月份 1 到 12")
    row = locks.member(member_id)
    row.name = row.name if name is None else name.strip()
    row.birthday_month = row.birthday_month if birthday_month is None else birthday_month
    row.save(update_fields=["name", "birthday_month"])
