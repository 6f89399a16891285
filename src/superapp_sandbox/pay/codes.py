"""Payment codes: 18 digits, new each minute, for one payment. WeChat's begin with 10 to 15, Alipay's with 25 to 30."""

from ..records import PayCode
from ..world import World

LIFE_S = 60
_FIRST = {"wechat": 10, "alipay": 25}


def current(world: World, user_id: str, wallet: str = "wechat") -> PayCode:
    """The code the phone shows now: the old one while it lives and was not used, else a new one."""
    now = world.clock.now()
    for code in world.pay_codes.values():
        if (code.user_id, code.wallet, code.used_by) == (user_id, wallet, "") and code.expires_at > now:
            return code
    return fresh(world, user_id, wallet)


def fresh(world: World, user_id: str, wallet: str = "wechat") -> PayCode:
    """A new code, as when the phone's screen is refreshed; older ones live on until their minute ends."""
    prefix = str(_FIRST[wallet] + int(world.ids.digits(4)) % 6)
    now = world.clock.now()
    code = PayCode(prefix + world.ids.digits(16), user_id, now, now + LIFE_S, wallet=wallet)
    world.pay_codes[code.code] = code
    return code


def is_well_formed(code: str) -> bool:
    """As a WeChat code."""
    return len(code) == 18 and code.isdigit() and 10 <= int(code[:2]) <= 15
