"""Coupons over HTTP: for the member's phone and mini-programs, for consoles and integrators, for tills.

Writes take an `Idempotency-Key`; a repeat answers the first result. Refusals are `{code, name, message, message_en, data}`.
"""

from ninja import Router

from shangquan.coupons.api import counter, management, member, shelves

router = Router(tags=["coupons"])
router.add_router("", member.router)
router.add_router("", counter.router)
router.add_router("", management.router)
router.add_router("", shelves.router)
