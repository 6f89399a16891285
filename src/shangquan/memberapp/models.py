from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class LoginScene(TenantModel):
    """A browser that shows a code and waits for a phone. Only the hash of the code's text is kept; it lives minutes.

    The browser that made it holds the text in its session: nobody else can take the login that the phone confirms.
    """

    id = models.BigAutoField(primary_key=True)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    member_id = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "memberapp_login_scene"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(member_id__isnull=True, confirmed_at__isnull=True)
                | Q(member_id__isnull=False, confirmed_at__isnull=False),
                name="memberapp_login_confirmed_by_member",
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True) | Q(confirmed_at__isnull=False), name="memberapp_login_taken_once"
            ),
        ]
