"""The parts of a detail or settings page: each a table, facts, or a form of its own that posts to its own address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django import forms

from shangquan.design.contracts import Action, Table


@dataclass(frozen=True)
class Panel:
    """`form` is drawn with a button `label` that posts to `post`; `fields` are hidden in it. `confirm` asks first."""

    title: str
    text: str = ""
    tone: str = ""
    facts: Sequence[tuple[str, str]] = ()
    table: Table | None = None
    form: forms.Form | None = None
    post: str = ""
    label: str = ""
    danger: bool = False
    confirm: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    actions: Sequence[Action] = ()
    has_files: bool = False
