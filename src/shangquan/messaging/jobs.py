"""Jobs of messaging: send one message; turn a push into messages."""

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
