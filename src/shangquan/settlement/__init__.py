"""Room card: settlement (floor 10), each merchant to the fen.

Purpose     shares, commissions and cost splits as lines at the moment of payment; periods, statements, payouts.
Words       SettlementLine 结算行, Period 账期, Statement 对账单, Dispute 异议, Payout 打款, commission 佣金, subsidy 补贴.
Owns        SettlementLine, Period, Statement, Dispute, Payout. Money stands in the ledger: "merchant.payable".
Door        door.py: payable(), statement_card(), open_disputes(); checkout reaches it through its port.
Events      StatementIssued, StatementConfirmed, LineDisputed, DisputeAnswered, PayoutPaid.
Never       changes a line or a closed period: what comes later lands in the next one; pays a statement twice.
"""
