from datetime import timedelta

from shangquan.identity.models import SignInAttempt
from shangquan.kernel import clock
from shangquan.kernel.jobs import every

_KEEP = timedelta(days=30)


@every("17 19 * * *", name="identity.forget_tries")
def forget_tries() -> None:
    """Addresses of those who tried to sign in are personal data: kept for thirty days, for looking into an attack."""
    SignInAttempt.objects.filter(at__lt=clock.now() - _KEEP).delete()
