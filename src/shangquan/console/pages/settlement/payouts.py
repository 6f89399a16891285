"""Payment of confirmed statements: one prepares, another approves, and the proof is kept for the merchant."""

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shangquan.console import lists
from shangquan.console.frame import show
from shangquan.console.pages.settlement import words
from shangquan.console.pages.settlement.forms import PaidForm
from shangquan.console.pages.settlement.overview import merchant_names
from shangquan.console.writing import perform, say
from shangquan.design.contracts import Column, Table, TableCell, TableRow
from shangquan.design.formats import fen_bare
from shangquan.identity.door import with_right
from shangquan.kernel import clock, ids, scope
from shangquan.kernel.errors import NOT_FOUND, Refused
from shangquan.settlement import door as settlement
from shangquan.tenancy import door as tenancy

_FOLDER = "proofs"


@require_safe
@with_right("settlement.read")
def payouts(request: HttpRequest) -> HttpResponse:
    found = settlement.recent_payouts(before=lists.whole_number(request, "after"), limit=lists.PAGE + 1)
    names = merchant_names()
    rows = []
    for card in found[: lists.PAGE]:
        state, tone = words.payout_state(card)
        paid = tenancy.local(card.paid_at).strftime("%Y-%m-%d %H:%M") if card.paid_at else ""
        proof = reverse("console:payout_proof", args=[card.id]) if card.proof.startswith(f"{_FOLDER}/") else ""
        rows.append(
            TableRow(
                [
                    TableCell(card.number, mono=True),
                    names.get(card.merchant_id, ""),
                    TableCell(fen_bare(card.amount_fen), strong=True),
                    card.maker,
                    card.checker,
                    TableCell(card.bank_reference, mono=True),
                    paid,
                    TableCell(_("下载"), href=proof) if proof else TableCell(""),
                    TableCell(state, tag=tone),
                ],
                id=str(card.id),
                href=reverse("console:statement", args=[card.statement_id]),
            )
        )
    columns = [
        Column(_("单号")), Column(_("商户"), minor=True), Column(_("金额 ¥"), right=True), Column(_("经办"), minor=True),
        Column(_("复核"), minor=True), Column(_("银行流水号"), minor=True), Column(_("到账时间"), minor=True),
        Column(_("回单"), minor=True), Column(_("状态")),
    ]  # fmt: skip
    table = Table(
        columns, rows, caption=_("打款"), after=lists.cut([card.id for card in found]),
        empty_sentence=_("还没有打款。商户确认对账单后，从对账单里经办。"),
    )  # fmt: skip
    own = scope.actor().merchant_id is not None
    return show(request, "console/list.html", {"heading": _("到账记录") if own else _("打款"), "rows": table})


@require_POST
@with_right("settlement.pay")
def prepare(request: HttpRequest, statement_id: int) -> HttpResponse:
    return perform(
        request,
        lambda: settlement.prepare_payout(statement_id=statement_id, now=clock.now()),
        to=_statement(statement_id),
        said=_("已经办，等另一位同事复核。"),
    )


@require_POST
@with_right("settlement.approve")
def approve(request: HttpRequest, payout_id: int) -> HttpResponse:
    card = settlement.payout(payout_id)
    return perform(
        request,
        lambda: settlement.approve_payout(payout_id=payout_id, now=clock.now()),
        to=_statement(card.statement_id),
        said=_("已复核，可以打款了。"),
    )


@require_POST
@with_right("settlement.pay")
def paid(request: HttpRequest, payout_id: int) -> HttpResponse:
    """Keep the bank's reference and its proof. A refused one leaves no file behind."""
    card = settlement.payout(payout_id)
    form = PaidForm(request.POST, request.FILES)
    to = _statement(card.statement_id)
    if not form.is_valid():
        for errors in form.errors.values():
            say(request, str(errors[0]), "bad")
        return HttpResponseRedirect(to)
    file = form.cleaned_data["proof"]
    name = f"{_FOLDER}/{scope.district_id()}/{card.number}-{ids.token()}.{file.kind}"
    kept = default_storage.save(name, file)
    reference = form.cleaned_data["bank_reference"]
    answer = perform(
        request,
        lambda: settlement.record_payment(payout_id=payout_id, bank_reference=reference, proof=kept, now=clock.now()),
        to=to,
        said=_("已记下打款和回单，商户可以下载。"),
    )
    if settlement.payout(payout_id).proof != kept:
        default_storage.delete(kept)
    return answer


@require_safe
@with_right("settlement.read")
def proof(request: HttpRequest, payout_id: int) -> HttpResponseBase:
    """The bank's proof as it was kept. Another merchant's payout is not found."""
    card = settlement.payout(payout_id)
    if not card.proof.startswith(f"{_FOLDER}/{scope.district_id()}/") or not default_storage.exists(card.proof):
        raise Refused(NOT_FOUND)
    kind = card.proof.rpartition(".")[2]
    return FileResponse(default_storage.open(card.proof), as_attachment=True, filename=f"{card.number}.{kind}")


def _statement(statement_id: int) -> str:
    return reverse("console:statement", args=[statement_id])
