"""What consoles and other rooms may do with settlement."""

from shangquan.ledger import door as ledger
from shangquan.settlement.actions.agree import answer_dispute, confirm_statement, dispute_line
from shangquan.settlement.actions.close_period import close_period
from shangquan.settlement.actions.pay import approve_payout, prepare_payout, record_payment, send_payout
from shangquan.settlement.movements import movement, movement_counts, movement_of_line, movements, open_figures
from shangquan.settlement.queries import (
    figures,
    lines,
    lines_of_bill,
    open_disputes,
    open_lines,
    payout,
    payouts,
    periods,
    recent_payouts,
    statement,
    statements,
)

__all__ = [
    "answer_dispute", "approve_payout", "close_period", "confirm_statement", "dispute_line", "figures", "lines",
    "lines_of_bill", "movement", "movement_counts", "movement_of_line", "movements", "open_disputes", "open_figures", "open_lines", "payable", "payout", "payouts", "periods", "prepare_payout", "recent_payouts",
    "record_payment", "send_payout", "statement", "statements",
]  # fmt: skip


def payable(merchant_id: int) -> int:
    """What the house owes a merchant right now, in fen, by the ledger."""
    return ledger.balance("merchant.payable", f"merchant:{merchant_id}").posted
