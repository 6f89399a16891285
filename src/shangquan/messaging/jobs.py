"""Jobs of messaging: send one message; turn a push into messages; send to many at once."""

from datetime import timedelta

from shangquan.kernel import clock
from shangquan.kernel.jobs import job
from shangquan.kernel.transactions import transaction


@job("messaging.send", queue="messages")
def send(message_id: int) -> None:
    from shangquan.messaging.actions.send import send as run

    run(message_id=message_id, now=clock.now())


@job("messaging.send_push", queue="messages")
def send_push(push_id: int) -> None:
    from shangquan.messaging.actions.push import queue_batch

    while True:
        with transaction():
            if not queue_batch(push_id=push_id, now=clock.now()):
                return


@job("messaging.send_mass", queue="messages")
def send_mass(push_id: int, last: bool = False) -> None:
    """Once more after half a minute when one is left alone: others of the same push may still be on their way."""
    from shangquan.messaging.actions.send_mass import send_mass as run

    if run(push_id=push_id, now=clock.now(), last=last):
        send_mass.later(wait=timedelta(seconds=30), once=f"mass-last:{push_id}", push_id=push_id, last=True)
