"""Room card: design. The look of every page, which lives once. Floor 2; imports only the kernel.

Words: a *layout* is a page's frame; a *component* is one thing with one face; a *contract* is the frozen dataclass that
feeds it; an *island* is a small custom element that a page can do without.

Owns: templates/design/*.html (h5, h5_tabs, h5_plain, till, board, console, console_list, console_detail, console_form,
console_settings, site, print, error, login), templates/design/components/, static/design/ (tokens.css first),
static/vendor/ (htmx, ECharts), templatetags/design.py ({% load design %}), plots.py, formats.py, icons.py,
contracts.py.

Door: the contracts, the template tags and the layouts; docs/design.md lists them with examples. Gallery: /_design/.

Never: asks the database, knows a feature, writes a style attribute or an inline script, fetches anything from outside.
"""
