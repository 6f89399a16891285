from datetime import datetime

from django.utils.crypto import salted_hmac

from shangquan.identity import locks, rules
from shangquan.identity.actions.make_account import same_name
from shangquan.identity.contracts import TOO_MANY_SIGN_INS
from shangquan.identity.models import SignInAttempt
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction


def begin_try(*, username: str, ip: str, now: datetime) -> int:
    """Count a try before it is looked at, in a transaction of its own; answers its id.

    At most `TRIES_BY_NAME` failures a name and `TRIES_BY_ADDRESS` an address in a window (`rules.py`), then A-4291:
    tries at the same moment queue up, so none slips by. A refused try is not counted: a lock runs out by itself.
    """
    name = _hash(username)
    since = now - rules.WINDOW
    with transaction():
        locks.tries([(7061, name), (7062, ip)])
        by_name = SignInAttempt.objects.filter(name_hash=name, at__gt=since)
        last = by_name.filter(succeeded=True).order_by("-at").values_list("at", flat=True).first()
        if last is not None:
            by_name = by_name.filter(at__gt=last)
        failed_name = list(by_name.filter(succeeded=False).order_by("at").values_list("at", flat=True))
        by_address = SignInAttempt.objects.filter(ip=ip, at__gt=since, succeeded=False)
        failed_address = list(by_address.order_by("at").values_list("at", flat=True))
        minutes = max(
            rules.wait_after(failed_name, rules.TRIES_BY_NAME, now),
            rules.wait_after(failed_address, rules.TRIES_BY_ADDRESS, now),
        )
        if not minutes:
            return SignInAttempt.objects.create(name_hash=name, ip=ip, at=now, succeeded=False).id
    raise Refused(TOO_MANY_SIGN_INS, minutes=minutes)


def end_try(attempt_id: int, *, succeeded: bool) -> None:
    """A success is marked; a step that was right but not the last is taken out of the count."""
    row = SignInAttempt.objects.filter(id=attempt_id)
    if succeeded:
        row.update(succeeded=True)
    else:
        row.delete()


def _hash(username: str) -> str:
    return salted_hmac("identity.sign_in", same_name(username), algorithm="sha256").hexdigest()
