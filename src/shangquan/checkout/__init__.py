"""Room card: checkout (floor 9), the bill from its priced lines to paid and refunded.

Purpose     one bill for the till, the shop and the table: priced with the best combination, its coupons and points held
            while it is being paid, settled in the payment's own transaction, refunded to the fen.
Words       Bill 账单, Quote 报价, Deduction 抵扣, Hold 占用, Settle 结清, Refund 退款, Nudge 凑单.
            A bill is open 未付 → held 付款中 → paid 已付 → partly_refunded 部分退款 → refunded 已退款; or cancelled 已取消.
Owns        Bill, BillLine, BillDeduction, BillDeductionShare, BillRefund, BillRefundLine.
Door        door.py: open_bill(), reprice(), quote(), hold(), cancel(), abandon(), refund() and the reads.
            ports.py: register_posting(), by which settlement books in the same transaction.
Events      BillPaid, BillRefunded, BillCancelled.
Never       decides who may claim a coupon, what a point is worth, how a channel moves money, what a merchant is owed.
"""
