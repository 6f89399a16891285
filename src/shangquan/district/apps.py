from django.apps import AppConfig


class DistrictConfig(AppConfig):
    name = "shangquan.district"
    label = "district"

    def ready(self) -> None:
        from shangquan.district import door
        from shangquan.identity import door as identity

        identity.register_stores(door.merchant_of_store)
