"""Tables that belong to a district."""

from typing import Any, ClassVar, Self

from django.db import models

from shangquan.kernel import scope


class TenantManager(models.Manager[Any]):
    """Rows of the open district only; without a scope a query fails instead of answering."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(district_id=scope.district_id())


class TenantModel(models.Model):
    """A row of one district. `district_id` is filled from the scope and never changes.

    There is no foreign key to the district: every insert would share-lock one hot row. Row-level security
    (see `walls.py`) is the second wall.
    """

    district_id = models.BigIntegerField(default=scope.district_id, editable=False)

    objects: ClassVar[TenantManager] = TenantManager()

    class Meta:
        abstract = True

    @classmethod
    def rows(cls) -> "models.QuerySet[Self]":
        """The rows of the open district, typed."""
        return cls.objects.get_queryset()
