"""What every page may know."""

from typing import Any

from django.http import HttpRequest

from shangquan.kernel import scope
from shangquan.tenancy import door as tenancy


def page(request: HttpRequest) -> dict[str, Any]:
    opened = scope.current_or_none()
    if opened is None or opened.district_id == scope.PLATFORM:
        return {"actor": scope.GUEST}
    return {"actor": opened.actor, "district": getattr(request, "district", None) or tenancy.district()}
