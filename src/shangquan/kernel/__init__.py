"""Room card: kernel (floor 1), what every other room stands on.

Purpose     money, ids, clock, scope, refusals, transactions, events, inbox, idempotency, jobs, audit, outgoing HTTP.
Owns        the tables outbox, reaction marks, inbox, idempotent answers, audit lines.
Door        its modules themselves (`errors`, `scope`, `transactions`, `events`, `jobs`, …): this floor has no business.
Never       knows a business word; imports another room.
"""
