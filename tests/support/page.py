# SPDX-License-Identifier: Apache-2.0
"""Draws a Ladder as one HTML file: a sequence diagram (SVG) per scene. Nothing is loaded from anywhere; it is readable
in dark and light, on paper, and without colour."""

import datetime
import html

from .ladder import ROLES

_ORDER = [("ue", None), ("core", 0), ("cms", 0), ("db", 0), ("cms", 1), ("db", 1), ("core", 1)]
_STEP, _GAP, _DETAIL, _WIDTH = 56, 148, 468, 1460  # widths: step numbers, between lifelines, column of details, all
_HEAD, _LINE = 92, 17                              # heights: lifelines' names, one line of details
_CARD = 118                                        # width of a lifeline's name

_STYLE = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5c6b7c; --line: #d6dde5;
  --primary: #1d5fae; --partner: #8a4b08; --outbound: #6d3fb0; --good: #1a7f45; --bad: #c02b2b; --band0: #1d5fae12; --band1: #c06a0e14; }
@media (prefers-color-scheme: dark) { :root { --back: #0f151c; --card: #18212b; --ink: #e6edf4; --soft: #94a3b4;
  --line: #2e3b49; --primary: #6cb0f5; --partner: #eeac5f; --outbound: #c3a2ff; --good: #5fce8d; --bad: #ff8078; --band0: #6cb0f514;
  --band1: #eeac5f12; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1540px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 19px; margin: 0 0 14px; letter-spacing: -.005em; }
p { margin: 0 0 10px; color: var(--soft); max-width: 112ch; }
nav { margin: 18px 0 28px; display: flex; flex-wrap: wrap; gap: 8px; }
nav a { color: inherit; text-decoration: none; border: 1px solid var(--line); background: var(--card);
  border-radius: 99px; padding: 3px 12px; font-size: 13px; }
nav a:hover, nav a:focus-visible { border-color: var(--primary); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 22px 24px 18px;
  margin: 0 0 22px; break-inside: avoid; }
.figure { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 1080px; height: auto; }
ul { list-style: none; margin: 14px 0 0; padding: 12px 0 0; border-top: 1px solid var(--line); }
li { padding: 2px 0 2px 26px; position: relative; }
li::before { content: "\\2713"; position: absolute; left: 2px; color: var(--good); font-weight: 700; }
li.bad::before { content: "\\2717"; color: var(--bad); }
li.bad { color: var(--bad); font-weight: 600; }
.state { font-weight: 600; color: var(--good); } .state.bad { color: var(--bad); }
footer { color: var(--soft); font-size: 13px; }
text { fill: var(--ink); font: 13px system-ui, "Segoe UI", Roboto, sans-serif; }
.inbound { fill: var(--partner); color: var(--partner); } .outbound { fill: var(--outbound); color: var(--outbound); }
.own { fill: var(--primary); color: var(--primary); } i { font-style: normal; font-weight: 600; }
.mono { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
.soft { fill: var(--soft); } .name { font-weight: 600; } .realm { font-size: 11.5px; fill: var(--soft); }
.band { font-size: 11px; font-weight: 700; letter-spacing: .09em; } .b0 { fill: var(--primary); } .b1 { fill: var(--partner); }
.life { stroke: var(--line); stroke-width: 1.5; } .rule { stroke: var(--line); stroke-width: 1; }
.card { fill: var(--card); stroke: var(--line); }
.arrow { stroke: var(--ink); stroke-width: 1.6; fill: none; } .tip { fill: var(--ink); }
.answer { stroke-dasharray: 6 4; } .failed { stroke: var(--bad); } .tip.failed { fill: var(--bad); }
.label { font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 5px; stroke-linejoin: round; }
.badge { fill: var(--ink); } .number { fill: var(--card); font-weight: 700; font-size: 12px; }
.good { fill: var(--good); font-weight: 700; } .wrong { fill: var(--bad); font-weight: 700; }
.part { fill: var(--card); stroke: var(--line); }
.dot { fill: var(--card); stroke: var(--ink); stroke-width: 1.6; }
@media print { body { background: #fff; } section { border-color: #bbb; } nav { display: none; } }
"""


def write(path, ladder, systems, kinds, facts):
    """systems: ids of the primary and the partner. kinds: {domain: "own", "outbound" or "inbound"} of identities.
    facts: (name, value) pairs for the foot of the page."""
    scenes = ladder.scenes
    links = "".join(f'<a href="#s{number}">{_text(scene.title)}</a>' for number, scene in enumerate(scenes))
    count = sum(len(scene.verdicts) for scene in scenes)
    failed = sum(not held for scene in scenes for held, _told in scene.verdicts)
    state = (f'<span class="state">All {count} claims held.</span>' if not failed else
             f'<span class="state bad">{failed} of {count} claims failed.</span>')
    body = "".join(_section(number, scene, systems, kinds) for number, scene in enumerate(scenes))
    foot = " · ".join(f"{_text(name)} {_text(value)}" for name, value in facts)
    made = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    with open(path, "w", encoding="utf-8") as page:
        page.write(f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>MC service migration, step by step</title><style>{_STYLE}</style></head><body><main>
<h1>MC service migration, step by step</h1>
<p>Two MC systems ran on one machine, each with its own certificate authority and database. Each row is what the node
itself logged about this very exchange, or what the UE and the SIP core received; step numbers are those of the change
request to TS 23.280 (clauses 10.1.X.1, 10.6.1 and 10.6.2). Solid arrows are requests, dashed ones answers; a dot is what
a node does by itself. Identities: <i class="own">own</i>, <i class="outbound">outbound migration</i>,
<i class="inbound">inbound migration</i>. {state}</p>
<nav>{links}</nav>
{body}<footer>{_text(made)} · {foot}</footer>
</main></body></html>
""")


def _section(number, scene, systems, kinds):
    verdicts = "".join(f'<li{"" if held else " class=bad"}>{_text(told)}</li>' for held, told in scene.verdicts)
    return (f'<section id="s{number}"><h2>{_text(scene.title)}</h2><div class="figure">{_Figure(scene, systems, kinds).svg()}'
            f"</div><ul>{verdicts}</ul></section>\n")


class _Figure:
    """One scene's diagram. Lifelines that the scene does not need are left out."""

    def __init__(self, scene, systems, kinds):
        self._scene, self._systems, self._kinds, self._parts = scene, systems, kinds, []
        used = {self._key(node): node for row in scene.rows for node in (row.sender, row.receiver) if node}
        self._nodes = [(key, used[key]) for key in _ORDER if key in used]
        span = _WIDTH - _STEP - _DETAIL
        gap = min(_GAP * 1.6, span / max(len(self._nodes), 1))
        self._x = {key: _STEP + gap * (place + .5) for place, (key, _node) in enumerate(self._nodes)}
        self._gap, self._detail = gap, _WIDTH - _DETAIL + 14

    def _key(self, node):
        return node.role, None if node.role == "ue" else self._systems.index(node.system)

    def svg(self):
        y = _HEAD
        for row in self._scene.rows:
            if not row.sender:
                self._parts.append(f'<rect class="part" x="0" y="{y:.0f}" width="{_WIDTH}" height="34"/>'
                                   f'<text class="name" x="14" y="{y + 22:.0f}">{_text(row.text)}</text>')
                y += 34
                continue
            height = max(46 if row.receiver else 34, 16 + _LINE * len(self._details(row)))
            self._row(row, y, height)
            y += height
        back = self._back(y + 8)
        return (f'<svg viewBox="0 0 {_WIDTH} {y + 14:.0f}" role="img" aria-label="{_text(self._scene.title)}">'
                f'{back}{"".join(self._parts)}</svg>')

    def _back(self, bottom):
        parts = []
        for place, system in enumerate(self._systems):
            xs = [self._x[key] for key, _node in self._nodes if key[1] == place]
            if xs:
                left, right = min(xs) - self._gap / 2 + 4, max(xs) + self._gap / 2 - 4
                parts.append(f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="{bottom:.0f}" rx="8" '
                             f'style="fill:var(--band{place})"/>')
                parts.append(_label((left + right) / 2, 18, f"{system} MC system".upper(), f"band b{place}"))
        for key, node in self._nodes:
            x = self._x[key]
            parts.append(f'<line class="life" x1="{x:.1f}" x2="{x:.1f}" y1="74" y2="{bottom:.0f}"/>'
                         f'<rect class="card" x="{x - _CARD / 2:.1f}" y="30" width="{_CARD}" height="46" rx="6"/>')
            parts.append(_label(x, 50 if node.realm else 58, ROLES[node.role].capitalize() if key[0] == "cms"
                                else ROLES[node.role], "name"))
            if node.realm:
                parts.append(_label(x, 67, node.realm, "realm"))
        return "".join(parts)

    def _details(self, row):
        """Lines of the column at the right: (text, class)."""
        lines = []
        if row.title:
            lines.append((row.title, "soft"))
        if row.result or row.ms is not None:
            told = [row.result] if row.result else []
            told += [f"{row.ms:.1f} ms"] if row.ms is not None else []
            lines.append(("   ".join(told), "mono good" if row.is_good else "mono wrong"))
        for name, value in row.identities:
            kind = self._kinds.get(str(value).rpartition("@")[2], "") if name in ("IMPI", "IMPU") else ""
            lines.append((f"{name:<5}{value}", f"mono {kind}"))
        return lines

    def _row(self, row, y, height):
        middle = y + height / 2 + (6 if row.receiver else 2)
        self._parts.append(f'<line class="rule" x1="0" x2="{_WIDTH}" y1="{y:.0f}" y2="{y:.0f}"/>')
        wide = 28 if len(row.step) < 3 else 44
        self._parts.append(f'<rect class="badge" x="{_STEP / 2 - wide / 2 - 4:.1f}" y="{middle - 14:.0f}" width="{wide}" '
                           f'height="20" rx="10"/>' + _label(_STEP / 2 - 4, middle + .5, row.step, "number"))
        if row.receiver:
            self._arrow(row, middle)
        else:
            self._note(row, middle)
        details = self._details(row)
        at = y + max(20, height / 2 - _LINE * (len(details) - 1) / 2 + 4) if details else 0
        for text, kind in details:
            self._parts.append(f'<text class="{kind}" x="{self._detail:.0f}" y="{at:.1f}" xml:space="preserve">'
                               f"{_text(text)}</text>")
            at += _LINE

    def _arrow(self, row, y):
        start, end = self._x[self._key(row.sender)], self._x[self._key(row.receiver)]
        way = 1 if end > start else -1
        kind = ("answer " if row.is_answer else "") + ("failed" if row.result and not row.is_good else "")
        tip = end - 9 * way
        self._parts.append(
            f'<line class="arrow {kind}" x1="{start:.1f}" x2="{tip:.1f}" y1="{y:.0f}" y2="{y:.0f}"/>'
            f'<path class="tip {kind.replace("answer ", "")}" d="M{end:.1f} {y:.0f} l{-10 * way} -5 v10 z"/>'
            + _label((start + end) / 2, y - 8, f"{row.text}, {row.link}" if row.link else row.text, "label"))

    def _note(self, row, y):
        """A dot on the lifeline, and the text beside it, on the side with more room."""
        x = self._x[self._key(row.sender)]
        is_left = x > (_STEP + _WIDTH - _DETAIL) / 2
        self._parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y - 2:.0f}" r="5"/><text class="label" '
                           f'style="font-weight:400" x="{x + (-12 if is_left else 12):.1f}" y="{y + 2:.0f}" '
                           f'text-anchor="{"end" if is_left else "start"}">{_text(row.text)}</text>')


def _label(x, y, text, kind):
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{_text(text)}</text>'


def _text(value):
    return html.escape(str(value))
