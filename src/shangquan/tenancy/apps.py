from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "shangquan.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        from shangquan.kernel import districts
        from shangquan.tenancy import door

        districts.register(door.all_district_ids)
