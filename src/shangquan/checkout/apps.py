from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "shangquan.checkout"
    label = "checkout"

    def ready(self) -> None:
        from shangquan.checkout.actions.settle import BillSettler
        from shangquan.checkout.contracts import PAYMENT_SOURCE
        from shangquan.payments import ports

        ports.register_settler(PAYMENT_SOURCE, BillSettler())
