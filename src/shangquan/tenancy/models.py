from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class District(models.Model):
    """One mall, street or brand. Everything else belongs to one of these."""

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, default="", blank=True)
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    host = models.CharField(max_length=120, default="", blank=True)
    modules = ArrayField(models.CharField(max_length=30), default=list)
    brand = models.CharField(max_length=7, default="#7E2B63")
    opened_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["host"], condition=~models.Q(host=""), name="district_host_once")
        ]
