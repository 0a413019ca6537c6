"""What a reader sees: nothing is fetched, nothing overlaps, everything can be read, nobody's text becomes markup."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import EMOJI, HOSTILE

WIDTHS = [320, 768, 1280]

# The boxes of all text that is seen, as one list for each figure, table and the page around them: what scrolls
# lies outside its box by design.
BOXES = """() => {
  const groups = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest('title, desc, style')) continue;
    const group = parent.closest('svg, .wide') ?? document.body;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = parent.closest('svg') ? [parent.getBoundingClientRect()] : [...range.getClientRects()];
    for (const box of boxes) {
      if (!box.width || !box.height) continue;
      const found = { text: node.data, left: box.left, right: box.right, top: box.top, bottom: box.bottom };
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(found);
    }
  }
  return [...groups].map(([group, boxes]) => {
    const { left, right } = group.getBoundingClientRect();
    return { isFigure: group.tagName === 'svg', left, right, boxes };
  });
}"""

# (colour, background, what) of the text, and of the marks, of every figure.
COLOURS = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const paper = getComputedStyle(svg.querySelector('.paper')).fill;
  const of = (selector, property) => [...svg.querySelectorAll(selector)].map(it => getComputedStyle(it)[property]);
  const some = (kind, colours) => [...new Set(colours)].map(colour => ({ kind, colour, paper }));
  return [
    ...some('text', of('text', 'fill')),
    ...some('mark', of('.curve, .dots, .interval, .flag', 'stroke')),
    ...some('mark', of('.bars, .shape', 'fill')),
  ];
})"""


def contrast(a: str, b: str) -> float:
    """Of two `rgb(…)` as WCAG 2 has it."""

    def luminance(colour: str) -> float:
        parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted([luminance(a), luminance(b)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def overlaps(a: dict, b: dict) -> bool:
    """By more than the white that a font has around its letters."""
    width = min(a["right"], b["right"]) - max(a["left"], b["left"])
    height = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
    return width > 1 and height > 0.35 * min(a["bottom"] - a["top"], b["bottom"] - b["top"])


def test_the_comparison_itself():
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(118, 118, 118)", "rgb(255, 255, 255)") == pytest.approx(4.54, abs=0.01)
    box = {"left": 0, "right": 10, "top": 0, "bottom": 10}
    assert overlaps(box, box | {"left": 5, "right": 15}) and not overlaps(box, box | {"top": 9, "bottom": 19})


def no_text_overlaps_and_none_is_cut(page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    groups = page.evaluate(BOXES)
    assert len(groups) > 5
    for group in groups:
        boxes = sorted(group["boxes"], key=lambda box: box["top"])
        for i, a in enumerate(boxes):
            if group["isFigure"]:
                assert group["left"] - 1 <= a["left"] and a["right"] <= group["right"] + 1, a
            for b in boxes[i + 1 :]:
                if b["top"] > a["bottom"]:
                    break
                assert not overlaps(a, b), (a, b)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_at_a_width(opened, report, width):
    """Without a network: nothing is fetched, nobody complains, nothing overlaps, and axe finds nothing."""
    found = opened(width)
    page = found.page
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    no_text_overlaps_and_none_is_cut(page, width)
    if width < WIDTHS[-1]:
        # The tables behind the figures are the same at every width, and axe takes seconds over them.
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = false)")
    # Colours are the same at every width, too.
    page.emulate_media(color_scheme="dark" if width == WIDTHS[0] else "light")
    axe = Axe().run(page)
    assert axe.violations_count == 0, axe.generate_report()
    assert found.requests == [report.as_uri()]
    assert found.complaints == []
    assert report.stat().st_size <= 1_000_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_have_contrast(opened, scheme):
    colours = opened(1280, scheme).page.evaluate(COLOURS)
    assert {found["kind"] for found in colours} == {"text", "mark"}
    for found in colours:
        least = 4.5 if found["kind"] == "text" else 3
        assert contrast(found["colour"], found["paper"]) >= least, found


def test_paper_is_white(opened):
    page = opened(1280, "dark").page
    page.emulate_media(media="print", color_scheme="dark")
    papers = page.evaluate(
        "[...document.querySelectorAll('.paper')].map(it => getComputedStyle(it).fill)"
        ".concat(getComputedStyle(document.body).backgroundColor)"
    )
    assert set(papers) == {"rgb(255, 255, 255)"}


def test_every_figure_has_words_and_numbers(opened):
    page = opened(1280).page
    figures = page.locator("figure")
    assert figures.count() >= 5
    for i in range(figures.count()):
        figure = figures.nth(i)
        assert figure.locator("figcaption").inner_text().strip()
        assert figure.locator("svg > title").text_content() and figure.locator("svg > desc").text_content()
        assert figure.locator("details table tbody tr").count() >= 1


@pytest.mark.parametrize("report", ["hostile"], indirect=True)
def test_text_of_others_stays_text(opened):
    found = opened(1280)
    page = found.page
    assert page.locator("script, img, b, iframe, object, link").count() == 0
    words = page.locator("body").inner_text()
    assert HOSTILE in words and EMOJI in words and "שלום עולם" in words
    assert "\u202e" not in page.content()
    assert found.complaints == [] and len(found.requests) == 1


@pytest.mark.parametrize("report", ["vanishing"], indirect=True)
def test_the_findings_come_first_and_say_what_to_do(opened):
    page = opened(1280).page
    assert page.locator("h2").first.inner_text() == "Findings"
    items = page.locator(".findings li")
    assert items.count() >= 2 and "The gradient vanishes" in page.locator(".findings").inner_text()
    for i in range(items.count()):
        assert items.nth(i).locator(".next").inner_text().startswith("→ ")
