"""A statement to take away: every line, as CSV or Excel."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shangquan.console.pages.settlement import words
from shangquan.console.sheets import as_csv, as_xlsx
from shangquan.district import door as district
from shangquan.identity.door import with_right
from shangquan.settlement import door as settlement
from shangquan.tenancy import door as tenancy

_ALL = 1_000_000


@require_safe
@with_right("settlement.read")
def statement_csv(request: HttpRequest, statement_id: int) -> HttpResponse:
    card = settlement.statement(statement_id)
    return as_csv(f"{card.number}.csv", _lines(statement_id))


@require_safe
@with_right("settlement.read")
def statement_xlsx(request: HttpRequest, statement_id: int) -> HttpResponse:
    card = settlement.statement(statement_id)
    return as_xlsx(f"{card.number}.xlsx", card.number, _lines(statement_id))


def _lines(statement_id: int) -> Iterator[list[object]]:
    """Amounts in yuan with two places, so that the column sums to the statement's total."""
    card = settlement.statement(statement_id)
    units = {store.id: store.unit or store.name for store in district.stores(merchant_id=card.merchant_id)}
    yield [_("时间"), _("单号"), _("类型"), _("门店"), _("金额（元）"), _("备注"), _("异议"), _("答复")]
    for line in settlement.lines(statement_id, limit=_ALL):
        state = words.dispute_state(line.dispute.state)[0] if line.dispute else ""
        yield [
            tenancy.local(line.happened_at).strftime("%Y-%m-%d %H:%M:%S"),
            line.bill_number,
            words.line_kind(line),
            units.get(line.store_id or 0, ""),
            line.amount_fen / 100,
            line.memo,
            f"{state} {line.dispute.reason}" if line.dispute else "",
            line.dispute.answer if line.dispute else "",
        ]
