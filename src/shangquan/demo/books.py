"""The books of the weeks gone by: closed every second Sunday, confirmed by most, disputed by two, paid by two people."""

from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta

from shangquan.demo.history import DAYS
from shangquan.identity import door as identity
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.settlement import door as settlement
from shangquan.tenancy import door as tenancy


def close_the_weeks(district_id: int, staff: dict[str, int], shops: dict[str, int], until: datetime) -> None:
    """Every second Sunday that is over ends a period. All but the newest are confirmed and paid."""
    today = tenancy.today(until)
    sundays = [day for day in (today - timedelta(days=back) for back in range(DAYS, 0, -1)) if day.weekday() == 6]
    sundays = sundays[(len(sundays) + 1) % 2 :: 2]  # every second one, up to the newest
    for sunday in sundays:
        morning = datetime.combine(sunday + timedelta(days=1), time(8, 30), tenancy.district().zone)
        if morning > until:
            continue
        with clock.at(morning):
            with _as(district_id, staff["finance"]), transaction():
                period = settlement.close_period(ends_on=sunday, now=morning)
            if sunday != sundays[-1]:
                _confirm_and_pay(district_id, staff, period, morning)
            else:
                _dispute(district_id, staff, shops, period, morning)


def _confirm_and_pay(district_id: int, staff: dict[str, int], period: int, now: datetime) -> None:
    for card in settlement.statements(period_id=period):
        if card.total_fen <= 0:
            continue
        with _merchant(district_id, card.merchant_id), transaction():
            settlement.confirm_statement(statement_id=card.id, now=now)
        with _as(district_id, staff["finance"]), transaction():
            payout = settlement.prepare_payout(statement_id=card.id, now=now)
        with _as(district_id, staff["checker"]), transaction():
            settlement.approve_payout(payout_id=payout, now=now)
        with _as(district_id, staff["finance"]), transaction():
            settlement.record_payment(
                payout_id=payout, bank_reference=f"QWL{now:%Y%m%d}{payout:06d}", proof="", now=now
            )


def _dispute(district_id: int, staff: dict[str, int], shops: dict[str, int], period: int, now: datetime) -> None:
    """Two merchants do not agree with one line each; the rest waits for their confirmation."""
    reasons = {"小禾童装": ("xiaohe", "这单当天已经全退，不该再收佣金"), "阿橘玩具": ("aju", "券成本按约定由商圈承担")}
    for name, (username, reason) in reasons.items():
        with _as(district_id, staff[username]):
            for card in settlement.statements(period_id=period, merchant_id=shops[name]):
                lines = [line for line in settlement.lines(card.id) if line.amount_fen < 0]
                if lines:
                    with transaction():
                        settlement.dispute_line(statement_id=card.id, line_id=lines[0].id, reason=reason, now=now)


def _as(district_id: int, account_id: int) -> AbstractContextManager[scope.Scope]:
    return scope.scope(district_id, actor=identity.actor_for(account_id, district_id))


def _merchant(district_id: int, merchant_id: int) -> AbstractContextManager[scope.Scope]:
    """The merchant's own bookkeeper, who has no login in the demo."""
    rights = frozenset({"settlement.read", "settlement.confirm"})
    who = scope.Actor(
        kind="staff", id=1, name="商户财务", role="merchant_admin", merchant_id=merchant_id, rights=rights
    )
    return scope.scope(district_id, actor=who)
