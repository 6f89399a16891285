"""Room card: ledger (floor 4), where value is.

Purpose     accounts and immutable transfers in integer units, double entry; money in fen, points in points.
Words       Account 账户, Transfer 转账, pending 冻结, capture 请款, void 撤销.
Owns        LedgerAccount, Transfer.
Door        door.py: post(), capture(), void(), balance(), balances(), statement(), prove().
Events      none: whoever moves value tells of it in its own words.
Never       knows why value moves; changes or deletes a transfer; rounds.
"""
