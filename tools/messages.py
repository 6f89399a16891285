"""English for every Chinese string: `python -m tools.messages [--check] [room …]`.

Reads the messages of each room's templates and Python files, keeps `src/shangquan/<room>/locale/en/LC_MESSAGES/django.po`
beside them and compiles `django.mo`, without GNU gettext (docs/decisions/0007-messages.md). A new message takes the English
that another room already has for the same words. `--check` changes nothing and fails when an English string is missing,
a file is stale, or a template holds Chinese that is not marked for translation.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "shangquan"
HEADER = "Content-Type: text/plain; charset=UTF-8\nLanguage: en\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
CHINESE = re.compile(r"[一-鿿]")
UNTRANSLATED = (
    "templates/design/samples/",
    "templates/design/gallery.html",
)  # the gallery tells its story in both itself

# function -> positions of (context, singular, plural) among its arguments
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
}
_LITERAL = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
_IN_TEMPLATE = re.compile(
    rf"(?<![A-Za-z])(_|gettext|ngettext|pgettext|npgettext)\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)"
)


@dataclass(frozen=True, order=True)
class Key:
    singular: str
    plural: str = ""
    context: str = ""


@dataclass
class Entry:
    english: list[str]
    places: set[str] = field(default_factory=set)

    def complete(self, key: Key) -> bool:
        return len(self.english) == (2 if key.plural else 1) and all(self.english)


Catalogue = dict[Key, Entry]


# -- reading ---------------------------------------------------------------------------------------------------------


def messages_of(room: Path) -> dict[Key, set[str]]:
    """Every message of a room with the files that hold it."""
    found: dict[Key, set[str]] = {}
    for path in sorted(room.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            for key in in_python(path.read_text(encoding="utf-8")):
                found.setdefault(key, set()).add(str(path.relative_to(room)))
    for path in sorted((room / "templates").rglob("*.*")):
        for key in in_template(path.read_text(encoding="utf-8")):
            found.setdefault(key, set()).add(str(path.relative_to(room)))
    return found


def in_python(text: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            words = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in node.args]
            key = _key(name, words)
            if key:
                yield key


def in_template(text: str) -> Iterator[Key]:
    from django.utils.translation.template import templatize

    for name, arguments in _IN_TEMPLATE.findall(templatize(text)):
        words = [ast.literal_eval(literal) for literal in re.findall(_LITERAL, arguments)]
        key = _key(name, words)
        if key:
            yield key


def _key(name: str, words: list[str | None]) -> Key | None:
    if name not in CALLS:
        return None
    context, singular, plural = CALLS[name]
    said = [words[at] if at is not None and at < len(words) else "" for at in (singular, plural, context)]
    if None in said or not said[0]:
        return None
    return Key(*(text or "" for text in said))


def loose_chinese(text: str) -> list[str]:
    """Chinese in a template that no translation tag holds."""
    bare = re.sub(r"{#.*?#}", "", text)
    bare = re.sub(r"{%\s*comment.*?{%\s*endcomment\s*%}", "", bare, flags=re.DOTALL)
    bare = re.sub(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", "", bare, flags=re.DOTALL)
    tags = [tag for tag in re.findall(r"{%.*?%}", bare) if not re.match(r"{%\s*trans(?:late)?\b", tag)]
    in_tags = [re.sub(r"_\((?:\"[^\"]*\"|'[^']*')\)", "", tag) for tag in tags]
    outside = re.sub(r"{%.*?%}|{{.*?}}", "\n", bare)
    return [line.strip() for line in [*outside.splitlines(), *in_tags] if CHINESE.search(line)]


# -- the .po and .mo files ----------------------------------------------------------------------------------------------


def read_po(path: Path) -> Catalogue:
    return parse_po(path.read_text(encoding="utf-8")) if path.exists() else {}


def parse_po(text: str) -> Catalogue:
    """The subset of the format that po_text makes; enough for a person's editor too."""
    catalogue: Catalogue = {}
    for block in re.split(r"\n[ \t]*\n", text):
        words: dict[str, str] = {}
        last = ""
        for line in block.split("\n"):
            named = re.match(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)\s+(\".*\")$", line.strip())
            if named:
                last = named[1]
                words[last] = json.loads(named[2])
            elif line.startswith('"') and last:
                words[last] += json.loads(line.strip())
        if words.get("msgid"):
            key = Key(words["msgid"], words.get("msgid_plural", ""), words.get("msgctxt", ""))
            names = ("msgstr[0]", "msgstr[1]") if key.plural else ("msgstr",)
            catalogue[key] = Entry([words.get(name, "") for name in names])
    return catalogue


def po_text(catalogue: Catalogue) -> str:
    blocks = ['msgid ""\nmsgstr ""\n' + "".join(f"{_quoted(line)}\n" for line in HEADER.splitlines(keepends=True))]
    for key in sorted(catalogue):
        entry = catalogue[key]
        lines = [f"#: {' '.join(sorted(entry.places))}"]
        lines += [f"msgctxt {_quoted(key.context)}"] if key.context else []
        lines.append(f"msgid {_quoted(key.singular)}")
        lines += [f"msgid_plural {_quoted(key.plural)}"] if key.plural else []
        names = ("msgstr[0]", "msgstr[1]") if key.plural else ("msgstr",)
        lines += [f"{name} {_quoted(text)}" for name, text in zip(names, entry.english, strict=True)]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def mo_bytes(catalogue: Catalogue) -> bytes:
    """The compiled form, as GNU gettext's manual lays it down ("The Format of GNU MO Files"): no hash table."""
    pairs = {b"": HEADER.encode()}
    for key, entry in catalogue.items():
        if entry.complete(key):
            name = (
                (f"{key.context}\x04" if key.context else "") + key.singular + (f"\0{key.plural}" if key.plural else "")
            )
            pairs[name.encode()] = "\0".join(entry.english).encode()
    ids = sorted(pairs)
    start = 28 + 16 * len(ids)
    tables, texts = [b"", b""], b""
    for at, words in ((0, ids), (1, [pairs[name] for name in ids])):
        for text in words:
            tables[at] += struct.pack("<II", len(text), start + len(texts))
            texts += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(ids), 28, 28 + 8 * len(ids), 0, 0)
    return head + tables[0] + tables[1] + texts


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# -- the command --------------------------------------------------------------------------------------------------------


def rooms(names: list[str]) -> list[Path]:
    every = sorted(path for path in SRC.iterdir() if (path / "__init__.py").exists())
    return [path for path in every if not names or path.name in names]


def po_of(room: Path) -> Path:
    return room / "locale" / "en" / "LC_MESSAGES" / "django.po"


def wanted(room: Path, elsewhere: Catalogue) -> Catalogue:
    """What the room's file should hold: its messages, with the English that it or another room has."""
    known = read_po(po_of(room))
    catalogue: Catalogue = {}
    for key, places in messages_of(room).items():
        english = [""] * (2 if key.plural else 1)
        for source in (known, elsewhere):
            if key in source and source[key].complete(key):
                english = list(source[key].english)
                break
        catalogue[key] = Entry(english, places)
    return catalogue


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.messages", description=__doc__.split("\n")[0])
    parser.add_argument("rooms", nargs="*")
    parser.add_argument("--check", action="store_true", help="change nothing; fail on missing English or stale files")
    asked = parser.parse_args(arguments)
    elsewhere: Catalogue = {}
    for room in rooms([]):
        elsewhere |= {key: entry for key, entry in read_po(po_of(room)).items() if entry.complete(key)}
    wrong: list[str] = []
    for room in rooms(asked.rooms):
        catalogue = wanted(room, elsewhere)
        wrong += [
            f"{room.name}: no English for {key.singular!r} ({', '.join(sorted(entry.places))})"
            for key, entry in sorted(catalogue.items())
            if not entry.complete(key)
        ]
        wrong += _loose(room)
        wrong += _stale(room, catalogue) if asked.check else _write(room, catalogue)
    print("\n".join(wrong) or "every message has its English")
    return 1 if wrong else 0


def _loose(room: Path) -> list[str]:
    found = []
    for path in sorted((room / "templates").rglob("*.*")):
        name = str(path.relative_to(room))
        if not name.startswith(UNTRANSLATED):
            found += [
                f"{room.name}: {name} holds unmarked Chinese: {line[:60]}" for line in loose_chinese(path.read_text())
            ]
    return found


def _stale(room: Path, catalogue: Catalogue) -> list[str]:
    po = po_of(room)
    mo = po.with_suffix(".mo")
    if not catalogue:
        return [f"{room.name}: {po.name} holds messages that nobody says"] if po.exists() else []
    fresh = po.exists() and po.read_text(encoding="utf-8") == po_text(catalogue)
    fresh = fresh and mo.exists() and mo.read_bytes() == mo_bytes(catalogue)
    return [] if fresh else [f"{room.name}: the message files are stale; run python -m tools.messages"]


def _write(room: Path, catalogue: Catalogue) -> list[str]:
    po = po_of(room)
    if not catalogue:
        for file in (po, po.with_suffix(".mo")):
            file.unlink(missing_ok=True)
        return []
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(po_text(catalogue), encoding="utf-8")
    po.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
    return []


if __name__ == "__main__":
    sys.exit(main())
