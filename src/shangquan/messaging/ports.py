"""The plugs of messaging: the account's platform, web login, page scripts; who reads scenes, who else may reply."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from shangquan.kernel.errors import Refused
from shangquan.messaging.contracts import (
    CAPABILITY_OFF,
    Article,
    Incoming,
    Login,
    Reply,
    SceneFact,
    SendAnswer,
)


class AccountPort(Protocol):
    """The platform of an official account. Called outside any transaction.

    Sends answer with a `SendAnswer`; the rest raise Refused PLATFORM_REFUSED (G-4221) or PLATFORM_SILENT (G-5031).
    """

    def send_text(self, appid: str, openid: str, text: str) -> SendAnswer: ...

    def send_news(self, appid: str, openid: str, article: Article) -> SendAnswer: ...

    def send_template(
        self, appid: str, openid: str, template_id: str, data: Mapping[str, str], url: str, key: str
    ) -> SendAnswer:
        """`key` keeps the platform from sending the same message twice."""

    def send_mass(self, appid: str, openids: Sequence[str], article: Article, key: str) -> SendAnswer:
        """To many followers at once (two at the least); `key` keeps the platform from sending it twice."""

    def templates(self, appid: str) -> dict[str, str]:
        """Of the account: title -> template id."""

    def add_template(self, appid: str, library_id: str, keywords: Sequence[str]) -> str:
        """Take one from the platform's library; answers its template id."""

    def publish_menu(self, appid: str, body: dict[str, Any]) -> None: ...

    def publish_personal_menu(self, appid: str, body: dict[str, Any], tag: str) -> str:
        """For fans with a tag; answers the menu's id."""

    def delete_personal_menu(self, appid: str, menu_id: str) -> None: ...

    def tag_fans(self, appid: str, tag: str, openids: Sequence[str]) -> None: ...

    def create_qr(self, appid: str, scene: str, *, seconds: int | None = None) -> dict[str, str]:
        """A parametric code: {"ticket", "url", "picture"}; permanent unless `seconds` is given."""

    def user_info(self, appid: str, openid: str) -> dict[str, Any]: ...


class LoginPort(Protocol):
    """Web login through the platform (C8)."""

    def authorize_url(self, *, appid: str, callback_url: str, to: str, nonce: str, now: datetime) -> str:
        """Where to send the browser. `to` is a local path, `nonce` a secret of this browser's session.

        Refuses BAD_LOGIN (G-4005) for a `to` that leads elsewhere.
        """

    def exchange(self, *, appid: str, code: str, state: str, to: str, nonce: str, now: datetime) -> Login:
        """Who came back. Refuses BAD_LOGIN unless `state` was made for this `to` and `nonce`; LOGIN_FAILED."""


class PagePort(Protocol):
    def config(self, *, appid: str, url: str, now: datetime) -> dict[str, str]:
        """For `wx.config` on the page at `url`: appId, timestamp, nonceStr, signature."""


P = TypeVar("P")

_account: list[AccountPort] = []
_login: list[LoginPort] = []
_page: list[PagePort] = []
_scene_reader: list[Callable[[str], SceneFact | None]] = []
_responders: dict[str, Callable[[Incoming, datetime], Reply | None]] = {}


def register_account(port: AccountPort) -> None:
    _account[:] = [port]


def register_login(port: LoginPort) -> None:
    _login[:] = [port]


def register_page(port: PagePort) -> None:
    _page[:] = [port]


def register_scene_reader(read: Callable[[str], SceneFact | None]) -> None:
    """Who knows what a scene code leads to; None for an unknown scene."""
    _scene_reader[:] = [read]


def register_responder(name: str, answer: Callable[[Incoming, datetime], Reply | None]) -> None:
    """A room above that may answer a message before the reply rules do; in the transaction that keeps it, quickly."""
    _responders[name] = answer


def account_port() -> AccountPort:
    return _one(_account)


def login() -> LoginPort:
    return _one(_login)


def page() -> PagePort:
    return _one(_page)


def read_scene(scene: str) -> SceneFact | None:
    return _scene_reader[0](scene) if _scene_reader else None


def responders() -> tuple[Callable[[Incoming, datetime], Reply | None], ...]:
    return tuple(_responders.values())


def _one(plugged: list[P]) -> P:
    if not plugged:
        raise Refused(
            CAPABILITY_OFF,
            zh="公众号接口",
            en="the account's platform",
            reason_zh="没有接通",
            reason_en="not connected",
        )
    return plugged[0]
