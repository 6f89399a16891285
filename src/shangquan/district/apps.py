from django.apps import AppConfig


class DistrictConfig(AppConfig):
    name = "shangquan.district"
    label = "district"
