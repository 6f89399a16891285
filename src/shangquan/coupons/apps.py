from django.apps import AppConfig


class CouponsConfig(AppConfig):
    name = "shangquan.coupons"
    label = "coupons"

    def ready(self) -> None:
        from shangquan.codes import door as codes
        from shangquan.coupons import jobs  # noqa: F401  (registers its timers)
        from shangquan.coupons.queries import scanned

        codes.register_resolver("coupon", scanned.coupon)
        codes.register_subject("shelf", scanned.shelf_state)
        codes.register_subject("coupon_campaign", scanned.campaign_state)
