"""Payment codes: 18 digits beginning with 10 to 15, new each minute, for one payment."""

from ..records import PayCode
from ..world import World

LIFE_S = 60


def current(world: World, user_id: str) -> PayCode:
    """The code the phone shows now: the old one while it lives and was not used, else a new one."""
    now = world.clock.now()
    for code in world.pay_codes.values():
        if code.user_id == user_id and not code.used_by and code.expires_at > now:
            return code
    return fresh(world, user_id)


def fresh(world: World, user_id: str) -> PayCode:
    """A new code, as when the phone's screen is refreshed; older ones live on until their minute ends."""
    prefix = str(10 + int(world.ids.digits(4)) % 6)
    code = PayCode(prefix + world.ids.digits(16), user_id, world.clock.now(), world.clock.now() + LIFE_S)
    world.pay_codes[code.code] = code
    return code


def is_well_formed(code: str) -> bool:
    return len(code) == 18 and code.isdigit() and 10 <= int(code[:2]) <= 15
