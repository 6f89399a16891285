"""A wrong method on the account's hosts is still HTTP 200."""

from superapp_sandbox.testing import SandboxServer


def test_a_wrong_method_is_an_errcode(sandbox: SandboxServer) -> None:
    get, post = sandbox.client.get("/cgi-bin/menu/create"), sandbox.client.post("/cgi-bin/token")
    assert (get.status_code, get.json()["errcode"]) == (200, 43002)
    assert (post.status_code, post.json()["errcode"]) == (200, 43001)
    assert sandbox.client.get("/cgi-bin/nothing").status_code == 404
