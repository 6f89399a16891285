"""The islands in a real browser, under the product's own content security policy."""

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with override_settings(DEBUG=True, MIDDLEWARE=["shangquan.kernel.web.Policy"], ALLOWED_HOSTS=["*"]):
        server = make_server("127.0.0.1", 0, StaticFilesHandler(WSGIHandler()), Threads, Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/_design/"
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as tools:
        chromium = tools.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert said == [], "the console must stay silent: no broken policy, no script error"


def until(page: Any, expression: str) -> None:
    """Asks again until it is true: the page's policy forbids the eval that the tool's own waiting needs."""
    for _ in range(90):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never true: {expression}")


@pytest.mark.parametrize(
    ("width", "query"), [(320, ""), (320, "?lang=en&size=150"), (1180, "?lang=en"), (1440, "?theme=dark")]
)
def test_nothing_scrolls_sideways(page: Any, address: str, width: int, query: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    names = (
        ("h5-home", "h5-shelf", "h5-coupon", "h5-bill", "h5-card") if width < 1000 else ("console-home", "console-list")
    )
    for name in names:
        page.goto(f"{address}pages/{name}/{query}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_sheet_has_its_address_and_esc_closes_it(page: Any, address: str) -> None:
    page.goto(address)
    page.click("a[href='#sample-sheet']")
    page.wait_for_selector("dialog#sample-sheet[open]")
    assert page.evaluate("document.querySelector('#sample-sheet').contains(document.activeElement)")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#sample-sheet:not([open])", state="attached")
    until(page, "location.hash === ''")


def test_danger_is_asked_about_and_no_is_the_first_choice(page: Any, address: str) -> None:
    page.goto(f"{address}pages/console-detail/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.click("text=停用")
    dialog = page.wait_for_selector("dialog[open]")
    assert "5 张券和积分会保留" in dialog.inner_text()
    assert page.evaluate("document.activeElement.textContent") == "再想想"
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    assert sent == []


def test_a_scan_is_caught_wherever_the_focus_is(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 1180, "height": 820})
    page.goto(f"{address}pages/pos-till/")
    until(page, "!!customElements.get('sq-scan')")
    page.evaluate(
        """() => { window.scans = [];
        document.addEventListener('sq:scan', (e) => window.scans.push(e.detail.scan));
        document.querySelector('.scan-field').addEventListener('submit', (e) => e.preventDefault());
        document.querySelector('.stepper button').focus(); }"""
    )
    press = """async ([keys, gap]) => { for (const key of [...keys, 'Enter']) {
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        if (gap) await new Promise((done) => setTimeout(done, gap)); } }"""
    page.evaluate(press, ["6901234567892", 0])
    assert page.evaluate("window.scans") == ["6901234567892"]
    page.evaluate(press, ["690123", 60])
    assert page.evaluate("window.scans.length") == 1, "what a person types is no scan"


def test_a_countdown_runs_from_the_servers_time(page: Any, address: str) -> None:
    page.goto(f"{address}pages/h5-shelf/")
    first = page.inner_text("sq-countdown time")
    until(page, f"document.querySelector('sq-countdown time').textContent !== '{first}'")
    assert page.inner_text("sq-countdown time") < first


def test_a_draft_is_kept_and_comes_back(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{address}pages/console-form/")
    page.fill("#id_english", "Kids' wear")
    until(page, "document.querySelector('[data-draft-state]').textContent !== ''")
    assert page.evaluate('Object.values(localStorage).some((text) => text.includes("Kids\' wear"))')


def test_a_chart_draws_and_hovers_within_the_policy(page: Any, address: str) -> None:
    page.goto(address)
    page.evaluate(
        """() => { const data = document.createElement('script');
        data.type = 'application/json'; data.id = 'option';
        data.textContent = JSON.stringify({ xAxis: { type: 'category', data: ['9', '10', '11'] }, yAxis: {},
          series: [{ type: 'line', data: [1, 3, 2] }] });
        const chart = document.createElement('sq-chart');
        chart.dataset.option = 'option'; chart.id = 'chart';
        document.querySelector('main').prepend(data, chart);
        return import('/static/design/js/chart.js'); }"""
    )
    box = page.wait_for_selector("#chart canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelectorAll('#chart div div').length") == 0, "no HTML tooltip"


def test_the_menu_is_a_drawer_on_a_phone(page: Any, address: str) -> None:
    page.goto(f"{address}pages/console-home/")
    assert not page.is_visible(".side")
    page.click(".top-menu")
    until(page, "document.querySelector('.side').getBoundingClientRect().left === 0")
    page.click(".side-close")
    until(page, "getComputedStyle(document.querySelector('.side')).visibility === 'hidden'")


def test_without_a_network_the_prepared_code_is_shown(page: Any, address: str) -> None:
    page.goto(f"{address}pages/h5-card/")
    until(page, "!!customElements.get('sq-member-code')")
    page.evaluate("void (window.fetch = () => Promise.reject(new TypeError('no network')))")
    page.evaluate("document.querySelector('sq-member-code').until = Date.now()")
    until(page, "document.querySelector('sq-member-code').dataset.state === 'offline'")
    assert "没有网络，此码还可用" in page.inner_text("sq-member-code")
    assert page.is_visible("sq-member-code .qr svg")
