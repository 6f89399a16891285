"""Room card: payments (floor 6), how money comes in and goes back.

Purpose     payment and refund states over any channel; each ends in one final state, whatever is lost or repeated.
Words       Intent 支付单, Refund 退款单, Channel 支付渠道, settler 结算回调方, Difference 对账差异.
Owns        Intent, IntentEvent, Refund, BillImport, BillLine, Difference.
Door        door.py: open_intent(), charge(), start(), record_result(), poll(), cancel(), open_refund(), run_refund(),
            record_refund(), reconcile(), resolve_difference() and the reads. ports.py: channels, settlers, bills.
Events      PaymentSucceeded, PaymentFailed, RefundSucceeded, RefundFailed, MoneySentBack, DifferenceFound.
Never       knows what is being paid for; posts to the ledger (the settler does); charges twice under two numbers.
"""
