"""Outgoing HTTP for connectors: bounded in time, and refused while a transaction is open."""

import ssl

import httpx

from shangquan.kernel.transactions import refuse_inside


def _not_in_a_transaction(request: httpx.Request) -> None:
    refuse_inside(f"{request.method} {request.url.copy_with(query=None)}")


def client(
    base_url: str,
    *,
    read_seconds: float = 10.0,
    headers: dict[str, str] | None = None,
    context: ssl.SSLContext | None = None,
) -> httpx.Client:
    """A client for one outside system. Retrying is the caller's business: only it knows what may be repeated.

    `context` is for systems that want to see a certificate of ours.
    """
    return httpx.Client(
        base_url=base_url,
        headers={"User-Agent": "shangquan", **(headers or {})},
        timeout=httpx.Timeout(read_seconds, connect=3.0),
        event_hooks={"request": [_not_in_a_transaction]},
        follow_redirects=False,
        verify=context if context is not None else True,
    )
