"""Whether everybody can read the page: by keyboard, on a phone, in the dark, whatever colours they see."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from opened import DESKTOP, PHONE, Opened


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
        drawing = self.all("svg[role=img]")[0]
        self.js("arguments[0].focus()", drawing)
        ActionChains(self.driver).send_keys(Keys.ARROW_RIGHT).perform()
        self.assertIn("mark", self.js("return document.activeElement.getAttribute('class')"))
        self.assertTrue(self.all("#tip")[0].is_displayed())
        ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
        self.assertFalse(self.all("#tip")[0].is_displayed())

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
                "return [...document.querySelectorAll('p, dd, td, figcaption, summary')]"
                ".filter(e => e.offsetParent && !e.matches('.unseen')"
                " && parseFloat(getComputedStyle(e).fontSize) < 11).length")
            self.assertEqual(small, 0, "texts too small to read")
            is_announced = (
                "return ![...document.querySelectorAll('.wide')].some(e => e.offsetParent && !e.closest('details:not([open])')"
                " && e.scrollWidth > e.clientWidth + 1 && !e.matches('.scrolls'))")
            self.assertTrue(self.js(is_announced), "something scrolls and does not say so")
            self.keep(name)
            self.js("for (const one of document.querySelectorAll('details')) one.open = true")
            self.assertTrue(self.wait_for(is_announced), "something that was unfolded scrolls and does not say so")

    def test_light_and_dark_are_readable(self):
        for scheme in ["light", "dark"]:
            self.open(scheme=scheme)
            paper, ink = (
                luminance(self.js("return getComputedStyle(document.body)[arguments[0]]", name))
                for name in ["backgroundColor", "color"])
            self.assertEqual(paper < ink, scheme == "dark")
            for selector in ["body", ".strip", "figcaption", "a", ".good", ".bad", ".unsure", ".soft", "svg text"]:
                for element in self.all(selector)[:1]:
                    name = "fill" if selector == "svg text" else "color"
                    colour = luminance(self.js("return getComputedStyle(arguments[0])[arguments[1]]", element, name))
                    self.assertGreaterEqual(contrast(paper, colour), 4.5, f"{selector} in {scheme}")
            self.keep(scheme)

    def test_no_two_picked_runtimes_look_alike_under_any_colour_deficiency(self):
        self.open(hash="runtimes=all")
        signs = {}
        for deficiency in ["none", "deuteranopia", "protanopia", "tritanopia", "achromatopsia"]:
            self.driver.execute_cdp_cmd("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})
            for row in self.all("#overview-cold tbody tr"):
                glyph = self.js(
                    "const g = arguments[0].querySelector('.glyph');"
                    "return [g.querySelector('use').getAttribute('href'), getComputedStyle(g).color]", row)
                signs.setdefault(deficiency, []).append((tuple(glyph), row.find_element(By.TAG_NAME, "th").text))
        self.driver.execute_cdp_cmd("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
        for deficiency, seen in signs.items():
            # The name stands beside the sign: shape and label count, and without colours two need more than colour.
            self.assertEqual(len({name for _, name in seen}), len(seen), deficiency)
        ranked = [glyph for glyph, name in signs["none"] if not name.endswith("°")]
        self.assertEqual(len(set(ranked)), len(ranked), "two runtimes share colour and shape")
        picked = set(self.shown("#overview-cold tbody tr"))
        self.open()
        usual = set(self.shown("#overview-cold tbody tr"))
        self.assertLess(usual, picked)

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


def luminance(colour):
    """Relative luminance of `rgb(r, g, b)`: WCAG 2.1."""
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
