"""The report shows everything of a run, hostile text included, and runs nothing."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.async_api import async_playwright
from selectolax.lexbor import LexborHTMLParser

from bot.evidence.record import Record
from bot.evidence.report import render
from bot.gate import GateResult, Verdict
from bot.history import History
from bot.llm.asking import Duty, Usage
from bot.llm.spending import Spending
from bot.run import State
from tests.evidence.conftest import HOSTILE

CHROMIUM = Path("/usr/bin/chromium")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


def test_hostile_text_is_shown_and_never_becomes_a_tag(record: Record) -> None:
    page = render(record)
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_run_without_a_change_still_has_a_page(record: Record) -> None:
    bare = replace(record, history=History(), run=replace(record.run, state=State.REFUSED, reason="no trustworthy spec"))
    page = render(bare)
    assert "no trustworthy spec" in page
    assert "Refused" in page


@pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed")
async def test_a_real_browser_lays_it_out_and_runs_no_script(record: Record, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(record), encoding="utf-8")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1200, "height": 900})
        alerts: list[str] = []
        page.on("dialog", lambda dialog: alerts.append(dialog.message))
        await page.goto(file.as_uri())
        assert await page.title() == "Refused · Pawl run 01JTESTRUN0000000000000000"
        assert await page.locator("#gates + table tbody tr").count() == 6
        assert await page.locator(".matrix td.k.hit").count() == 1
        assert await page.locator(".diff tr.added").count() == 1
        wide = await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await browser.close()
    assert wide
    assert alerts == []


def test_cost_authors_and_counter_examples_are_drawn(record: Record) -> None:
    row = {"call": f"merge([]) {HOSTILE}", "expected": "[]", "because": HOSTILE, "author": "a:one", "setup": ["x = 1"]}
    rows = [{**row, "ruling": "refuted", "head": "fails", "base": "holds"}, "nonsense", {"call": 3}, {**row, "ruling": []}]
    gate = GateResult("critic", Verdict.FAIL, "1 finding", evidence={"challenges": rows})
    checked = record.history.checked
    assert checked is not None
    history = replace(record.history, checked=replace(checked, gates=(*checked.gates, gate)))
    spending = (Spending(Duty.CRITIC, f"a:{HOSTILE}", Usage(12_000, 345, 0, 0.125, 1), 1),)
    page = render(replace(record, history=history, spending=spending))
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    text = " ".join(LexborHTMLParser(page).text().split())
    assert "x = 1; merge([])" in text
    assert "holds" in text
    assert "1 call to models, 12,345 tokens, 0.12 USD" in text
    assert "tried to refute it" in text
    odd = replace(gate, evidence={"challenges": "nonsense"})
    assert "Counter-examples" not in render(replace(record, history=replace(history, checked=replace(checked, gates=(odd,)))))
