"""Room card: pos (floor 11), the till.

Purpose     tills and shifts, the basket being rung up, one entrance for whatever a scanner reads, receipts as printer
            bytes, tickets made without a network, what clerks and referrers earn on a sale.
Words       Till 收银台, Shift 班次, Ring 正在收的一单, QuickKey 快捷键, Receipt 小票, OfflineTicket 离线单, AdSlot 小票广告位.
Owns        Till, Shift, Ring, TillSale, TillReturn, QuickKey, Receipt, OfflineTicket, CommissionRule, StaffCommission, AdSlot.
Door        door.py: tills_of_store(), receipt_of_bill(), place_ad(), commission_of().
Events      none of its own: a sale is checkout's BillPaid.
Never       prices a bill, decides on a coupon, calls a payment channel inside a transaction.
"""
