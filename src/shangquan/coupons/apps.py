from django.apps import AppConfig


class CouponsConfig(AppConfig):
    name = "shangquan.coupons"
    label = "coupons"

    def ready(self) -> None:
        from shangquan.coupons import jobs  # noqa: F401  (registers its timers)
