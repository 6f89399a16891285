"""Templates and static files keep the house's rules, and the gallery draws everything in both languages."""

import gzip
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import Http404
from django.test import RequestFactory, override_settings

from shangquan.design import icons, pages, samples

ROOM = Path(__file__).parents[1]
SRC = ROOM.parents[1]
STATIC = ROOM / "static" / "design"
TEMPLATES = sorted(SRC.glob("shangquan/*/templates/**/*.html"))
SHEETS = {
    "H5": (("tokens.css", "base.css", "h5.css"), 15),
    "till": (("tokens.css", "base.css", "till.css"), 15),
    "console": (("tokens.css", "base.css", "plots.css", "console.css"), 20),
    "site": (("tokens.css", "base.css", "site.css"), 15),
}


@pytest.fixture(autouse=True)
def shown() -> object:
    with override_settings(DEBUG=True):
        yield


def gzipped(*files: Path) -> int:
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


@pytest.mark.parametrize("surface", SHEETS)
def test_styles_keep_their_budget(surface: str) -> None:
    names, kilobytes = SHEETS[surface]
    assert gzipped(*(STATIC / name for name in names)) <= kilobytes * 1024


def test_scripts_keep_their_budget() -> None:
    htmx = ROOM / "static" / "vendor" / "htmx-4.0.1" / "htmx.min.js"
    h5 = [STATIC / "js" / f"{name}.js" for name in ("page", "countdown", "live", "member-code")]
    assert gzipped(htmx, *h5) <= 20 * 1024
    assert gzipped(htmx, *(STATIC / "js").glob("*.js")) <= 25 * 1024


def test_vendored_files_are_what_their_source_says() -> None:
    folders = sorted((ROOM / "static" / "vendor").iterdir())
    assert folders
    for folder in folders:
        source = (folder / "SOURCE.md").read_text()
        assert (folder / "LICENSE").exists(), folder.name
        for script in folder.glob("*.js"):
            assert hashlib.sha256(script.read_bytes()).hexdigest() in source, script.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SRC)))
def test_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<[a-z][^>{]*\sstyle\s*=", text), "a style attribute"
    assert not re.search(r"<style[\s>]", text), "a style element"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "an event attribute"
    assert not re.search(r"\bhx-on[:=-]|hx-vals\s*=\s*[\"']js:", text), "a script in an htmx attribute"
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or "application/json" in tag, tag


def test_every_icon_used_is_drawn() -> None:
    used: dict[str, str] = {}
    for path in TEMPLATES:
        for name in re.findall(r"{%\s*icon\s+\"([^\"]+)\"", path.read_text()):
            used[name] = path.name
    for path in SRC.glob("shangquan/**/*.py"):
        for name in re.findall(r"\bicon=\"([a-z-]+)\"", path.read_text()):
            used.setdefault(name, path.name)
    used.pop("money", None), used.pop("live", None)  # marks of member_card and strip, not drawings
    assert used
    assert {name: where for name, where in used.items() if name not in icons.names()} == {}
    with pytest.raises(KeyError):
        icons.require("nothing-like-it")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["100", "150"])
def test_the_gallery_draws_every_component(language: str, theme: str, size: str) -> None:
    asked = RequestFactory().get("/_design/", {"lang": language, "theme": theme, "size": size})
    html = pages.gallery(asked).content.decode()
    assert f'lang="{language}"' in html
    assert f'data-theme="{theme}"' in html
    assert f"size-{size}" in html
    assert html.count('<article class="ticket') == 8
    assert html.count('<symbol id="') == 0
    assert html.count('class="icon ') > len(icons.names())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", samples.PAGES)
def test_every_layout_draws(name: str, language: str) -> None:
    html = pages.sample_page(RequestFactory().get("/", {"lang": language}), name).content.decode()
    assert html.count("<h1") == 1 or name in ("pos-till", "h5-card")
    assert "{%" not in html and "{{" not in html and "{#" not in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "an id is used twice"
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= set(ids), described
    assert not re.search(r"<button[^>]*>\s*</button>", html)


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("name", samples.PAGES)
def test_english_pages_hold_no_chinese(name: str, language: str) -> None:
    html = pages.sample_page(RequestFactory().get("/", {"lang": language}), name).content.decode()
    text = re.sub(r'<h1 lang="zh-hans">.*?</h1>|<title>.*?</title>', "", html) if name == "error" else html
    story = ("海盐蓝", "米白", "树莓粉", "沪A", "中</a>")  # goods' own names and plates stay Chinese
    for words in story:
        text = text.replace(words, "")
    assert not re.findall(r"[一-鿿]+", text)


def test_an_unknown_page_and_a_closed_gallery_are_not_found() -> None:
    with pytest.raises(Http404):
        pages.sample_page(RequestFactory().get("/"), "nothing")
    with override_settings(DEBUG=False, DEMO=False), pytest.raises(Http404):
        pages.gallery(RequestFactory().get("/"))


def test_the_story_adds_up() -> None:
    lines = [line.fen for line in samples.bill_lines() if line.fen is not None]
    assert sum(lines) == 15800
    terms = samples.PAGES["console-list"](datetime(2026, 11, 22, tzinfo=UTC))
    signs = {"": 1, "+": 1, "−": -1}
    assert sum(signs[sign] * fen for sign, _name, fen in terms["terms"]) == terms["total"][1]
