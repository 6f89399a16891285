from shangquan.codes.actions.expire_credentials import expire_credentials
from shangquan.kernel import clock
from shangquan.kernel.jobs import every
from shangquan.kernel.transactions import transaction


@every("*/5 * * * *", name="codes.expire_credentials")
def expire() -> None:
    """Write down which credentials ended; reading them says so already before."""
    with transaction():
        expire_credentials(now=clock.now())
