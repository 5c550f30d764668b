"""The page of a run, as a person meets it: opened from disk in a headless Chromium.

    python3 test_page.py RUN KILOTASK

RUN is the folder of a run with its report; KILOTASK the program, which writes one more report, of a copy of
RUN in which a runtime has a name that is markup. Screenshots are kept in $SCREENSHOTS, if that is set.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

RUN, KILOTASK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
DESKTOP, PHONE = (1280, 900), (390, 844)
# A name that is run, where it is not escaped.
MARKUP = "<script>window.wasRun=1</script>"


def browser():
    options = webdriver.ChromeOptions()
    # Containers seldom allow the sandbox, and all that is opened is our own page.
    for flag in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-device-scale-factor=1"]:
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # The driver is named, so that none is looked for on the network.
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.driver = browser()
        cls.addClassCleanup(cls.driver.quit)

    def open(self, folder=RUN, size=DESKTOP, scheme="light"):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        self.driver.get((folder / "report.html").as_uri())

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def keep(self, name):
        if folder := os.environ.get("SCREENSHOTS"):
            self.driver.save_screenshot(str(pathlib.Path(folder) / f"{name}.png"))

    def test_no_error_is_logged_and_no_request_leaves_the_machine(self):
        self.open()
        self.assertEqual([entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"], [])
        requests = self.js("return performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertEqual([url for url in requests if not url.startswith(("file:", "data:"))], [])
        wire = [entry["message"] for entry in self.driver.get_log("performance")]
        sent = [message for message in wire if '"Network.requestWillBeSent"' in message]
        self.assertTrue(sent, "the browser tells nothing of requests")
        self.assertEqual([message for message in sent if '"url":"http' in message], [])

    def test_every_section_is_there_and_the_answers_come_first(self):
        self.open()
        headings = [heading.text for heading in self.all("h2")]
        self.assertIn("The question and the answer", headings[0])
        self.assertGreater(len(headings), 3)
        first = self.all(".answers dt")[0]
        self.assertLess(first.location["y"], DESKTOP[1] / 2, "the first answer is not on the first screen")
        self.keep("desktop")

    def test_a_table_sorts_by_numbers_and_back(self):
        self.open()
        keys = "return [...arguments[0].tBodies[0].rows].map(row => row.cells[1].dataset.sort).filter(Boolean).map(Number)"
        table = next(t for t in self.all("table") if len(self.js(keys, t)) > 2)
        head = table.find_element(By.CSS_SELECTOR, "th:nth-child(2) button")
        self.js("arguments[0].click()", head)
        rising = self.js(keys, table)
        self.assertEqual(rising, sorted(rising))
        self.js("arguments[0].click()", head)
        self.assertEqual(self.js(keys, table), sorted(rising, reverse=True))
        self.assertEqual(table.find_element(By.CSS_SELECTOR, "th:nth-child(2)").get_attribute("aria-sort"), "descending")

    def test_a_table_shows_the_lines_that_hold_what_is_typed(self):
        self.open()
        field = self.all(".filter")[0]
        table = field.find_element(By.XPATH, "following::table[1]")
        lines = lambda: [row.text for row in table.find_elements(By.CSS_SELECTOR, "tbody tr") if row.is_displayed()]
        before, word = lines(), lines()[0].split()[0].lower()
        field.send_keys(word)
        after = lines()
        self.assertTrue(after and all(word in line.lower() for line in after), after)
        field.send_keys(Keys.CONTROL + "a", Keys.DELETE)
        self.assertEqual(lines(), before)
        field.send_keys("no line has this")
        self.assertEqual(lines(), [])

    def test_a_mark_tells_its_numbers_when_pointed_at_and_when_reached_by_key(self):
        self.open()
        tip = self.all("#tip")[0]
        self.assertFalse(tip.is_displayed())
        for figure in self.all("figure.drawing svg"):
            mark = figure.find_elements(By.CSS_SELECTOR, ".mark")
            self.assertTrue(mark, "a drawing without marks")
            self.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", mark[0])
            self.js(
                "const box = arguments[0].getBoundingClientRect();"
                "arguments[0].dispatchEvent(new PointerEvent('pointermove',"
                "{bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2}))", mark[0])
            self.assertTrue(tip.is_displayed())
            self.assertRegex(tip.text, r"\d")
            box = self.js("const b = arguments[0].getBoundingClientRect(); return [b.left, b.right, b.top, b.bottom]", tip)
            self.assertTrue(box[0] >= 0 and box[1] <= DESKTOP[0], f"the tooltip leaves the window: {box}")
        ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
        self.assertFalse(tip.is_displayed())
        self.js("arguments[0].focus()", self.all("td[data-tip]")[0])
        self.assertTrue(tip.is_displayed() and tip.text)

    def test_the_page_reads_on_a_phone(self):
        self.open(size=PHONE)
        self.assertLessEqual(self.js("return document.documentElement.scrollWidth"), PHONE[0])
        small = self.js(
            "return [...document.querySelectorAll('p, dd, td, figcaption')]"
            ".filter(e => e.offsetParent && !e.matches('.unseen')"
            " && parseFloat(getComputedStyle(e).fontSize) < 12).length")
        self.assertEqual(small, 0, "texts too small to read")
        self.keep("phone")

    def test_light_and_dark_are_readable(self):
        for scheme in ["light", "dark"]:
            self.open(scheme=scheme)
            paper, ink = (
                luminance(self.js("return getComputedStyle(document.body)[arguments[0]]", name))
                for name in ["backgroundColor", "color"])
            self.assertEqual(paper < ink, scheme == "dark")
            for selector in ["body", ".subtitle", "figcaption", "a", ".good", ".bad", ".unsure", "svg text"]:
                for element in self.all(selector)[:1]:
                    name = "fill" if selector == "svg text" else "color"
                    colour = luminance(self.js("return getComputedStyle(arguments[0])[arguments[1]]", element, name))
                    self.assertGreaterEqual(contrast(paper, colour), 4.5, f"{selector} in {scheme}")
            self.keep(scheme)

    def test_every_link_leads_somewhere_and_every_drawing_says_what_it_is(self):
        self.open()
        for link in {element.get_attribute("href") for element in self.all("a")}:
            if link.startswith("file:"):
                path, _, anchor = link.removeprefix("file://").partition("#")
                self.assertTrue(pathlib.Path(path).exists(), link)
                self.assertTrue(not anchor or self.all(f"#{anchor}"), link)
            else:
                self.assertTrue(link.startswith("http"), link)
        for figure in self.all("figure.drawing"):
            self.assertGreater(len(figure.find_element(By.CSS_SELECTOR, ".unseen").get_attribute("textContent")), 20)
            self.assertTrue(figure.find_element(By.CSS_SELECTOR, "figcaption").text)

    def test_it_prints(self):
        self.open()
        printed = self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
        self.assertGreater(len(printed["data"]), 10_000)

    def test_a_name_that_is_markup_is_shown_and_not_run(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "run"
            copy.mkdir()
            for file in [*RUN.glob("*.csv"), *RUN.glob("*.json")]:
                text = file.read_text(encoding="utf-8")
                (copy / file.name).write_text(text.replace("tokio-current-thread", MARKUP), encoding="utf-8")
            # Claims whose words were changed would be refused, as their hash was taken before the first trial.
            plan = json.loads((copy / "plan.json").read_text(encoding="utf-8"))
            (copy / "plan.json").write_text(json.dumps(plan | {"claims": []}), encoding="utf-8")
            subprocess.run([KILOTASK, "report", copy], check=True, stdout=subprocess.DEVNULL)
            self.open(copy)
            self.assertIsNone(self.js("return window.wasRun ?? null"))
            self.assertIn(MARKUP, self.js("return document.body.textContent"))
            self.assertEqual([entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"], [])


def luminance(colour):
    """Relative luminance of `rgb(r, g, b)`: WCAG 2.1."""
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
