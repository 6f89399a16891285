"""Files go up, come back the same and show in the chat."""

from superapp_sandbox.testing import Phone, SandboxServer
from tests.sandbox.account import Product
from tests.sandbox.receiver import Receiver

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3 + b"\r\n--x\r\n"


def test_a_picture_goes_up_and_into_a_chat(sandbox: SandboxServer, receiver: Receiver, phone: Phone) -> None:
    product = Product(sandbox, receiver)
    token = product.access_token()
    sent = sandbox.client.post(
        "/cgi-bin/media/upload",
        params={"access_token": token, "type": "image"},
        files={"media": ("coupon.png", PICTURE, "image/png")},
    ).json()
    assert sent["type"] == "image"
    query = {"access_token": token, "media_id": sent["media_id"]}
    back = sandbox.client.get("/cgi-bin/media/get", params=query)
    assert (back.content, back.headers["content-type"]) == (PICTURE, "image/png")
    product.reply = f"<MsgType>image</MsgType><Image><MediaId><![CDATA[{sent['media_id']}]]></MediaId></Image>"
    phone.follow()
    shown = phone.received("image")[0]["body"]
    assert sandbox.client.get(shown["url"]).content == PICTURE
    stays = sandbox.client.post(
        "/cgi-bin/media/uploadimg", params={"access_token": token}, files={"media": ("a.png", PICTURE, "image/png")}
    ).json()["url"]
    sandbox.time(advance_s=3 * 86400 + 1)
    query["access_token"] = product.access_token()
    assert sandbox.client.get("/cgi-bin/media/get", params=query).json()["errcode"] == 40007
    assert sandbox.client.get(stays).content == PICTURE


def test_wrong_uploads(sandbox: SandboxServer, receiver: Receiver) -> None:
    token = Product(sandbox, receiver).access_token()

    def upload(kind: str, field: str, data: bytes) -> int:
        answer = sandbox.client.post(
            "/cgi-bin/media/upload", params={"access_token": token, "type": kind}, files={field: ("a", data)}
        )
        return int(answer.json()["errcode"])

    assert upload("film", "media", b"x") == 40004
    assert upload("image", "other", b"x") == 41005
    assert upload("thumb", "media", b"x" * 70_000) == 40006
    bare = sandbox.client.post("/cgi-bin/media/upload", params={"access_token": token, "type": "image"}, content=b"x")
    assert bare.json()["errcode"] == 41005
