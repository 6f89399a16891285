"""The message tool: what it finds, what it compiles, and that its check can fail."""

import gettext
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import messages
from tools.messages import Entry, Key

words = st.text(st.characters(blacklist_characters="\0\x04", blacklist_categories=("Cs",)), min_size=1, max_size=40)


def compiled(catalogue: messages.Catalogue) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(messages.mo_bytes(catalogue)))


@given(st.dictionaries(words, words, max_size=12))
def test_what_is_compiled_is_read_back_by_the_standard_library(pairs: dict[str, str]) -> None:
    read = compiled({Key(zh): Entry([en]) for zh, en in pairs.items()})
    assert {zh: read.gettext(zh) for zh in pairs} == pairs


def test_plurals_and_contexts_are_compiled() -> None:
    read = compiled({Key("%d 张", "%d 张"): Entry(["%d coupon", "%d coupons"]), Key("开", "", "door"): Entry(["open"])})
    assert [read.ngettext("%d 张", "%d 张", n) for n in (1, 2)] == ["%d coupon", "%d coupons"]
    assert read.pgettext("door", "开") == "open"


def test_what_is_not_translated_is_left_out() -> None:
    assert compiled({Key("首页"): Entry([""])}).gettext("首页") == "首页"


@given(st.dictionaries(words, words, max_size=6))
def test_a_po_file_is_read_as_it_was_written(pairs: dict[str, str]) -> None:
    catalogue = {Key(zh): Entry([en], {"a.html"}) for zh, en in pairs.items()}
    read = messages.parse_po(messages.po_text(catalogue))
    assert {key.singular: entry.english[0] for key, entry in read.items()} == pairs


def test_messages_are_found_in_templates() -> None:
    text = """{% load i18n %}{# {% translate "注释" %} #}{% translate "首页" as t %}{% translate '开' context "door" %}
    {% blocktranslate count n=n %}{{ n }} 张{% plural %}{{ n }} 张{% endblocktranslate %}
    {% include "x" with label=_("菜单") %}{% blocktranslate trimmed with a=b %}
      有 {{ a }} 分{% endblocktranslate %}"""
    assert set(messages.in_template(text)) == {
        Key("首页"),
        Key("开", "", "door"),
        Key("%(n)s 张", "%(n)s 张"),
        Key("菜单"),
        Key("有 %(a)s 分"),
    }


def test_messages_are_found_in_python() -> None:
    text = "a = _('首页')\nb = ngettext('%d 张', '%d 张', n)\nc = translation.pgettext('door', '开')\nd = _(name)\ne = f('不')"
    assert set(messages.in_python(text)) == {Key("首页"), Key("%d 张", "%d 张"), Key("开", "", "door")}


def test_unmarked_chinese_is_named() -> None:
    assert messages.loose_chinese('<p>{% translate "好" %}{# 注释 #}{% comment %}说明{% endcomment %}</p>') == []
    assert messages.loose_chinese("<p>好</p>") == ["<p>好</p>"]
    assert messages.loose_chinese('{% include "x" with a="好" %}') == ['{% include "x" with a="好" %}']
    assert messages.loose_chinese('{% include "x" with a=_("好") %}') == []


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(messages, "SRC", tmp_path)
    for name in ("shop", "till"):
        (tmp_path / name / "templates").mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "templates" / "page.html").write_text('{% load i18n %}{% translate "首页" %}')
    return tmp_path / "shop"


def test_the_check_fails_until_the_english_is_there(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["--check"]) == 1
    assert messages.main([]) == 1
    assert "no English for '首页'" in capsys.readouterr().out
    po = messages.po_of(room)
    po.write_text(
        po.read_text().replace('msgstr ""\n', 'msgstr "Home"\n').replace('msgstr "Home"\n"C', 'msgstr ""\n"C')
    )
    assert messages.main(["--check"]) == 1, "the compiled file is stale"
    assert messages.main([]) == 0, "the other room takes the words over"
    assert messages.main(["--check"]) == 0
    (room / "templates" / "page.html").write_text('{% load i18n %}{% translate "首页" %}好')
    assert messages.main(["--check"]) == 1


def test_the_design_room_has_its_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["--check", "design"]) == 0, capsys.readouterr().out
