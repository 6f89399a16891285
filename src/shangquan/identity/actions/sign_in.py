"""Sign-in runs in steps with a transaction each: a try stays counted though what follows is refused."""

from datetime import datetime
from functools import cache
from typing import NoReturn

from django.contrib.auth.hashers import check_password, make_password

from shangquan.identity import access
from shangquan.identity.actions.codes import check_code
from shangquan.identity.actions.make_account import same_name
from shangquan.identity.actions.throttle import begin_try, end_try
from shangquan.identity.contracts import CODE_NEEDED, NO_WORK_HERE, WRONG_SIGN_IN
from shangquan.identity.models import Account
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import forbidden, transaction
from shangquan.tenancy import door as tenancy


@forbidden
def sign_in(*, username: str, password: str, code: str = "", now: datetime) -> Account:
    """The account whose name and password these are, with its code where two-step sign-in is on.

    Refuses A-4291 after too many failures, A-4011 for a wrong name or password without saying which (an unknown name
    takes the same time), A-4012 when the code is missing or wrong, A-4032 without work in the open district.
    """
    attempt = begin_try(username=username, ip=scope.current().ip, now=now)
    account = Account.objects.filter(username=same_name(username)).first()
    right = check_password(password, account.password if account else _nobodys_password())
    if account is None or not right or not account.is_active:
        _refuse(Refused(WRONG_SIGN_IN), account)
    if account.totp_secret and not code:
        end_try(attempt, succeeded=False)
        raise Refused(CODE_NEEDED, account_id=account.id)
    return _finish(account, code, attempt, now)


@forbidden
def sign_in_with_code(*, account_id: int, code: str, now: datetime) -> Account:
    """The second step of an account whose password was right a moment ago; its tries count like the first's."""
    account = Account.objects.filter(id=account_id, is_active=True).first()
    if account is None:
        raise Refused(WRONG_SIGN_IN)
    attempt = begin_try(username=account.username, ip=scope.current().ip, now=now)
    return _finish(account, code, attempt, now)


def _finish(account: Account, code: str, attempt: int, now: datetime) -> Account:
    if account.totp_secret:
        try:
            check_code(account, code, now)
        except Refused as refused:
            _refuse(refused, account)
    who = access.staff_actor(account, tenancy.district().modules)
    if who is None:
        end_try(attempt, succeeded=False)
        _refuse(Refused(NO_WORK_HERE), account)
    opened = scope.current()
    with scope.scope(opened.district_id, actor=who, request_id=opened.request_id, ip=opened.ip), transaction():
        end_try(attempt, succeeded=True)
        Account.objects.filter(id=account.id).update(last_login=now)
        audit.record(action="identity.sign_in", subject="account", subject_id=account.id)
    return account


def _refuse(refused: Refused, account: Account | None) -> NoReturn:
    """Audited with the account where there is one, never with what was typed: it may be a password."""
    audit.record_refusal(
        refused, action="identity.sign_in", subject="account", subject_id=account.id if account else ""
    )
    raise refused


@cache
def _nobodys_password() -> str:
    return make_password("nobody's password")
