"""Whether everybody can read the page: by keyboard, on a phone, in the dark, whatever colours they see."""

import itertools

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from colour import SIMULATED, apart, contrast, luminance, over
from opened import DESKTOP, PHONE, Opened

# Two signs of one shape are told apart from this distance on: four times what is just noticed side by side.
APART = 9

# What is wider than its place and cannot be scrolled to, or does not say so, and texts of drawings that leave them.
CLIPPED = """
const seen = [...document.querySelectorAll('main *, header *, footer *, .bar *')].filter(e => e.checkVisibility() && !e.closest('.unseen, .off, .closed'));
const cut = seen.filter(e => !(e instanceof SVGElement) && !e.matches('input, select, .scrolls')
  && getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1);
const left = seen.filter(e => e.matches('svg[role=img] text')).filter(e => {
  const [box, svg] = [e.getBoundingClientRect(), e.closest('svg').getBoundingClientRect()];
  return box.left < svg.left - 1 || box.right > svg.right + 1 || box.top < svg.top - 1 || box.bottom > svg.bottom + 1; });
return [...cut, ...left].map(e => `${e.tagName} ${e.id} ${e.getAttribute('class')} ${e.textContent.slice(0, 40)}`);
"""

# Of each visible text, and of each sign of a runtime: what it is, its colour, and the backgrounds behind it from the inside out.
COLOURS = """
const behind = (e) => { const found = [];
  for (let part = e; part; part = part.parentElement) found.push(getComputedStyle(part).backgroundColor);
  return found.filter(colour => colour !== 'rgba(0, 0, 0, 0)'); };
const known = new Set(), found = [];
for (const e of document.querySelectorAll('body *')) {
  if (e.matches('script, style, option') || e.closest('.unseen, .off, .closed') || !e.checkVisibility()) continue;
  const own = e.matches('select') || [...e.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  const sign = e.matches('.glyph, svg[role=img] .dot, svg[role=img] .line');
  if (!own && !sign) continue;
  const style = getComputedStyle(e);
  const colour = !sign && e instanceof SVGElement ? style.fill : style.color;
  const row = e.closest('.best') ? ' .best' : '';
  const what = sign ? 'sign' : `${e.closest('#tip') ? '#tip' : e.tagName.toLowerCase()}${row}`;
  const key = [what, colour, behind(e)];
  if (known.has(String(key))) continue;
  known.add(String(key));
  found.push(key);
}
return found;
"""


class Seeing(Opened):
    def test_everything_is_reached_by_keyboard(self):
        self.open()
        self.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
        first = self.driver.switch_to.active_element
        self.assertEqual(first.get_attribute("class"), "skip")
        self.assertGreaterEqual(first.location["x"], 0, "the skip link is not seen when it has the focus")
        reached = set()
        for _ in range(60):
            ActionChains(self.driver).send_keys(Keys.TAB).perform()
            name = self.js("const e = document.activeElement; return e.id || e.textContent.trim().slice(0, 20)")
            outline = self.js("return getComputedStyle(document.activeElement).outlineStyle")
            self.assertNotEqual(outline, "none", f"no focus is seen on {name}")
            reached.add(name)
        self.assertIn("compare-a", reached)
        self.js("document.querySelector('#thousand .wide:has(svg)').focus()")
        ActionChains(self.driver).send_keys(Keys.ARROW_RIGHT).perform()
        self.assertIn("mark", self.js("return document.activeElement.getAttribute('class')"))
        self.assertTrue(self.all("#tip")[0].is_displayed())
        ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
        self.assertFalse(self.all("#tip")[0].is_displayed())

    def test_every_tooltip_is_reached_by_arrow_keys_from_one_stop_of_the_tab_key(self):
        self.open()
        far = self.js(
            "return [...document.querySelectorAll('[data-tip]')].filter(e => e.tabIndex < 0 && !e.closest('.wide[tabindex=\"0\"]'))"
            ".map(e => e.outerHTML.slice(0, 80))")
        self.assertEqual(far, [])
        for part in ["#overview .overview:not(.closed)", ".card .wide", ".sheet .wide"]:
            self.js("document.querySelector(arguments[0]).focus()", part)
            count = self.js(
                "return [...document.querySelector(arguments[0]).querySelectorAll('[data-tip]')].filter(e => !e.closest('.off')).length", part)
            reached = set()
            for _ in range(count):
                ActionChains(self.driver).send_keys(Keys.ARROW_RIGHT).perform()
                reached.add(self.js("return document.activeElement.dataset.tip + document.activeElement.cellIndex"))
                self.assertTrue(self.all("#tip")[0].is_displayed(), part)
            everything = self.js(
                "return [...document.querySelector(arguments[0]).querySelectorAll('[data-tip]')].filter(e => !e.closest('.off'))"
                ".map(e => e.dataset.tip + e.cellIndex)", part)
            self.assertEqual(reached, set(everything), part)
        # Up and down stay in the column.
        self.js("document.querySelector('#overview-cold tbody tr:not(.off) td[data-tip]').focus()")
        here = "const e = document.activeElement; return [e.cellIndex, e.parentElement.rowIndex]"
        column, row = self.js(here)
        ActionChains(self.driver).send_keys(Keys.ARROW_DOWN).perform()
        self.assertEqual(self.js(here)[0], column)
        self.assertGreater(self.js(here)[1], row)

    def test_what_could_mislead_is_in_every_card_without_the_script_and_in_print(self):
        self.open()
        for card in self.all(".card"):
            noted = self.js("return [...arguments[0].querySelectorAll('.note')].map(e => e.dataset.tip)", card)
            told = self.js("return [...arguments[0].querySelectorAll('details li')].map(e => e.textContent)", card)
            self.assertEqual(len(noted), len(told))
            for words in noted:
                self.assertTrue(any(line.endswith(words) for line in told), words)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        # The browser takes a moment to lay it out as for paper.
        seen = self.wait_for(
            "return [...document.querySelectorAll('.card details li:not(.off)')]"
            ".every(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().height > 0)")
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        self.assertTrue(seen, "it is not printed")

    def test_marks_tell_their_numbers_when_pointed_at(self):
        self.open()
        tip = self.all("#tip")[0]
        for selector in ["#thousand svg .mark", "#workloads .plot[data-tip]", "#overview-cold td[data-tip]"]:
            mark = next(one for one in self.all(selector) if one.is_displayed())
            self.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", mark)
            self.js(
                "const box = arguments[0].getBoundingClientRect();"
                "arguments[0].dispatchEvent(new PointerEvent('pointermove',"
                "{bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2}))", mark)
            self.assertTrue(tip.is_displayed(), selector)
            self.assertRegex(tip.text, r"\d")
            box = self.js("const b = arguments[0].getBoundingClientRect(); return [b.left, b.right]", tip)
            self.assertTrue(box[0] >= 0 and box[1] <= DESKTOP[0], f"the tooltip leaves the window: {box}")

    def test_the_page_reads_on_a_phone_and_at_twice_the_size(self):
        for name, size in [("phone", PHONE), ("zoom", (640, 450))]:
            self.open(size=size)
            self.assertLessEqual(self.js("return document.documentElement.scrollWidth"), size[0], name)
            small = self.js(
                "return [...document.querySelectorAll('p, dd, td, figcaption, summary, svg text')]"
                ".filter(e => e.checkVisibility() && !e.closest('.unseen, .off, .closed'))"
                ".map(e => { const svg = e.closest('svg[viewBox]');"
                " const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;"
                " return [scale * parseFloat(getComputedStyle(e).fontSize), svg ? 9 : 11, e.textContent.slice(0, 40)]; })"
                ".filter(([size, least]) => size < least - 0.01)")
            self.assertEqual(small, [], f"texts too small to read: {name}")
            clipped = self.js(CLIPPED)
            self.assertEqual(clipped, [], f"something is cut off and does not say so: {name}")
            is_announced = (
                "return ![...document.querySelectorAll('.wide')].some(e => e.offsetParent && !e.closest('details:not([open])')"
                " && e.scrollWidth > e.clientWidth + 1 && !e.matches('.scrolls'))")
            self.assertTrue(self.js(is_announced), "something scrolls and does not say so")
            self.keep(name)
            self.js("for (const one of document.querySelectorAll('details')) one.open = true")
            self.assertTrue(self.wait_for(is_announced), "something that was unfolded scrolls and does not say so")

    def test_in_light_and_in_dark_every_text_and_sign_stands_out_from_what_is_behind_it(self):
        for scheme in ["light", "dark"]:
            self.open(scheme=scheme, hash="runtimes=all&baseline=tokio")
            self.js("for (const part of document.querySelectorAll('details')) part.open = true")
            self.js("document.querySelector('#overview-cold tbody tr:not(.off) td[data-tip]').focus()")
            paper, ink = self.js("const style = getComputedStyle(document.body); return [style.backgroundColor, style.color]")
            self.assertEqual(luminance(over([paper])) < luminance(over([ink])), scheme == "dark")
            found = self.js(COLOURS)
            texts = {what for what, _, _ in found if what != "sign"}
            # A quick run has too few blocks to know any best.
            best = [".best"] if self.all(".best") else []
            for one in ["td", "figcaption", "#tip", "button", "select", *best]:
                self.assertIn(one, {part for what in texts for part in what.split(" ")}, "no such text was looked at")
            for what, colour, behind in found:
                behind = over(behind)
                least = 3 if what == "sign" else 4.5
                at = f"{what} in {scheme}: {colour} on {behind}"
                self.assertGreaterEqual(contrast(over([colour, f"rgb({','.join(str(255 * c) for c in behind)})"]), behind), least, at)
            self.keep(scheme)

    def test_no_two_picked_runtimes_look_alike_under_any_colour_deficiency(self):
        signs = (
            "return [...document.querySelectorAll('#overview-cold tbody tr:not(.off)')].map(row => {"
            " const g = row.querySelector('.glyph');"
            " return [row.cells[0].textContent.trim(), g.querySelector('use').getAttribute('href'), getComputedStyle(g).color]; })")
        self.open()
        picks = [preset.get_attribute("data-preset") for preset in self.all("[data-preset]")]
        self.assertIn("all", picks)
        for scheme in ["light", "dark"]:
            for pick in picks:
                self.open(scheme=scheme, hash=f"runtimes={pick}")
                ranked = [sign for sign in self.js(signs) if not sign[0].endswith("°")]
                self.assertEqual(len({name for name, _, _ in ranked}), len(ranked), "two have one label")
                for (a, shape, colour), (b, other_shape, other) in itertools.combinations(ranked, 2):
                    if shape != other_shape:
                        continue
                    for deficiency in SIMULATED:
                        # Of all there are more than shapes: then some colours are told by hue alone.
                        if pick == "all" and deficiency == "achromatopsia":
                            continue
                        far = apart(over([colour]), over([other]), deficiency)
                        self.assertGreaterEqual(far, APART, f"{a} and {b}, {deficiency}, {scheme}, {pick}")

    def test_two_lines_of_one_colour_are_told_apart_without_their_marks(self):
        self.open(hash="runtimes=all")
        for chart in self.all(".grown svg[role=img]"):
            lines = self.js(
                "return [...arguments[0].querySelectorAll('g[data-runtime]:not(.tag) .line')].map(line => {"
                " const style = getComputedStyle(line);"
                " return [line.closest('[data-runtime]').dataset.runtime, style.stroke, style.strokeDasharray]; })", chart)
            ranked = self.js(
                "return [...document.querySelectorAll('#overview-cold tbody th')].map(e => e.textContent.trim())"
                ".filter(name => !name.endsWith('°'))")
            drawn = [tuple(line[1:]) for line in lines if line[0] in ranked]
            self.assertEqual(len(set(drawn)), len(drawn), "two ranked runtimes have the same line")
