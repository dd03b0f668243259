"""Pages on the screens that people have."""

from playwright.sync_api import Page

WIDTHS = (320, 360, 390, 768)
HEIGHT = 568
# Where a finger needs 44 px; a link within a sentence is as high as its words.
TOO_LOW = """() => [...document.querySelectorAll('a[href], button, summary, select, input')]
    .filter(e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter(e => getComputedStyle(e).display !== 'inline')
    .filter(e => e.getBoundingClientRect().height < 43.5)
    .map(e => e.outerHTML.slice(0, 80))"""


def check_it_fits(page: Page, name: str) -> None:
    """At no width does the page scroll sideways, or hold something too low to be tapped."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name}: {wide} px wide at {width} px"
        assert page.evaluate(TOO_LOW) == [], f"{name} at {width} px"
