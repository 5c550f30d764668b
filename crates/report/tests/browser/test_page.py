"""The page of a run, as a person meets it: opened from disk in a headless Chromium.

    python3 test_page.py RUN KILOTASK

RUN is the folder of a run with its report; KILOTASK the program, which writes one more report, of a copy of
RUN in which a runtime has a name that is markup. Screenshots are kept in $SCREENSHOTS, if that is set.
"""

import base64
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

RUN, KILOTASK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
DESKTOP, PHONE, WIDE = (1280, 900), (390, 844), (1440, 900)
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


def rows(name):
    with open(RUN / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.driver = browser()
        cls.addClassCleanup(cls.driver.quit)

    def open(self, folder=RUN, size=DESKTOP, scheme="light", hash=""):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        # A change of the fragment alone would not load the page again.
        self.driver.get("about:blank")
        self.driver.get((folder / "report.html").as_uri() + (f"#{hash}" if hash else ""))

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def value(self, selector):
        return self.js("return document.querySelector(arguments[0]).value", selector)

    def shown(self, selector):
        """The runtimes of the parts that can be seen, folded parts apart."""
        return self.js(
            "return [...document.querySelectorAll(arguments[0])].filter(e => !e.closest('.off')).map(e => e.dataset.runtime)",
            selector)

    def wait_for(self, script, *arguments):
        """What a script returns, as soon as that is something."""
        for _ in range(50):
            if found := self.js(script, *arguments):
                return found
            time.sleep(0.02)
        return None

    def is_default(self):
        return json.loads((RUN / "plan.json").read_text(encoding="utf-8"))["preset"] == "default"

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

    def test_the_answers_come_first_and_every_section_of_the_bar_is_there(self):
        self.open()
        first = self.all("#answers .card h3")[0]
        self.assertLess(first.location["y"], DESKTOP[1] / 2, "the first answer is not on the first screen")
        self.assertGreaterEqual(len(self.all("#answers .card")), 2)
        for link in self.all("nav a"):
            self.assertTrue(self.all(link.get_attribute("href").split("/")[-1].split("html")[-1]), link.text)
        self.keep("desktop")

    def test_at_first_ten_runtimes_at_most_are_shown_and_nothing_is_too_tall(self):
        self.open()
        shown = self.shown("#overview-cold tbody tr")
        self.assertTrue(4 <= len(shown) <= 10, shown)
        self.js("for (const one of document.querySelectorAll('details')) one.open = one.matches('.chapter[open]')")
        self.open(size=WIDE)
        screens = self.js("return document.documentElement.scrollHeight") / 900
        self.assertLess(screens, 15 if self.is_default() else 22, "screens of 900 pixels")

    def test_a_link_with_two_runtimes_shows_those_alone_in_figures_too(self):
        self.open(hash="runtimes=tokio+threads")
        for part in ["#overview-cold tbody tr", "#answers .board tbody tr", "#workloads .board tbody tr", "#thousand svg .lane"]:
            shown = set(self.shown(part))
            self.assertLessEqual(shown, {"tokio", "threads"}, part)
            self.assertTrue(shown, part)
        self.assertEqual(self.value("#compare-a"), "tokio")
        self.assertEqual(self.value("#compare-b"), "threads")
        self.keep("two")
        # The drawing has no gaps: its lanes stand under one another, and it ends below the last.
        tops = sorted(lane.location["y"] for lane in self.all("#thousand svg .lane") if lane.is_displayed())
        self.assertLess(tops[-1] - tops[0], 120, tops)
        below, lane, foot = self.js(
            "const box = (e) => e.getBoundingClientRect(), svg = document.querySelector('#thousand svg');"
            "const last = [...svg.querySelectorAll('.lane:not(.off)')].at(-1), foot = svg.querySelector('.foot');"
            "return [box(svg).bottom - box(last).bottom, box(last).height, box(svg).bottom - box(foot).bottom]")
        self.assertLess(below, lane, "an empty lane below the last")
        self.assertGreaterEqual(foot, 0, "the axis is cut off")

    def test_a_runtime_that_is_unticked_goes_everywhere_and_the_address_says_so(self):
        self.open()
        self.js("document.querySelector('#picker').open = true")
        box = self.all('#picker input[value="tokio"]')[0]
        self.js("arguments[0].click()", box)
        self.assertNotIn("tokio", self.shown("[data-runtime]"))
        self.assertIn("runtimes=", self.driver.current_url)
        address = self.driver.current_url.split("#")[1]
        self.open(hash=address)
        self.assertNotIn("tokio", self.shown("#overview-cold tbody tr"))

    def test_the_pick_is_followed_within_a_tenth_of_a_second(self):
        self.open()
        taken = self.js(
            "const all = document.querySelector('[data-preset=all]'), usual = document.querySelector('[data-preset=usual]');"
            "const times = [];"
            "for (const button of [all, usual, all, usual, all]) { const from = performance.now(); button.click();"
            " document.body.getBoundingClientRect(); times.push(performance.now() - from); }"
            "return times.sort((a, b) => a - b)[2]")
        print(f"the picker: {taken:.0f} ms")
        self.assertGreater(len(self.shown("#overview-cold tbody tr")), 10)

    def test_the_overview_sorts_by_a_workload_and_back(self):
        self.open()
        keys = ("return [...document.querySelectorAll('#overview-cold tbody tr')]"
                ".map(row => row.cells[1].dataset.sort).filter(Boolean).map(Number)")
        head = self.all("#overview-cold th:nth-child(2) button")[0]
        self.js("arguments[0].click()", head)
        rising = self.js(keys)
        self.assertGreater(len(rising), 3)
        self.assertEqual(rising, sorted(rising))
        self.js("arguments[0].click()", head)
        self.assertEqual(self.js(keys), sorted(rising, reverse=True))
        self.assertEqual(self.all("#overview-cold th:nth-child(2)")[0].get_attribute("aria-sort"), "descending")

    def test_a_baseline_is_chosen_and_a_ratio_read_that_stands_in_ratios_csv(self):
        self.open(hash="runtimes=all&baseline=threads")
        pairs = [row for row in rows("ratios.csv") if row["against"] == "pair" and row["metric"] == "makespan_ns"
                 and row["workload"] == "sleep" and {row["runtime"], row["baseline"]} == {"tokio", "threads"}]
        self.assertEqual(len(pairs), 1)
        ratio = float(pairs[0]["ratio"])
        ratio = ratio if pairs[0]["runtime"] == "tokio" else 1 / ratio
        place = self.js("return [...document.querySelectorAll('#overview-cold th')].findIndex(h => h.dataset.column === 'sleep')")
        cell = self.all(f'#overview-cold tr[data-runtime="tokio"] > *:nth-child({place + 1})')[0]
        self.assertAlmostEqual(float(cell.text) / ratio, 1, delta=0.06)
        self.assertIn("tokio ÷ threads", cell.get_attribute("data-tip"))
        known = [float(pairs[0][end]) for end in ("ci_low", "ci_high") if pairs[0][end]]
        is_apart = len(known) == 2 and (known[0] > 1 or known[1] < 1)
        tones = set(cell.get_attribute("class").split()) & {"good", "bad"}
        self.assertEqual(tones, {"good" if ratio < 1 else "bad"} if is_apart else set())

    def test_two_runtimes_are_compared_as_without_the_script_and_the_other_way_round(self):
        self.open()
        scripted = [row.text for row in self.all("#versus tbody tr")]
        source = (RUN / "report.html").read_text(encoding="utf-8")
        table = source[source.index('<table id="versus">'):]
        plain = self.js(
            "const html = new DOMParser().parseFromString(arguments[0], 'text/html');"
            "return [...html.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.textContent).join('|'))",
            table[:table.index("</table>")])
        scripted = self.js("return [...document.querySelectorAll('#versus tbody tr')]"
                           ".map(row => [...row.cells].map(cell => cell.textContent).join('|'))")
        self.assertEqual(scripted, plain)
        sentence = self.all("#versus-sentence")[0].text
        self.assertRegex(sentence, r"^\S+ against \S+, cold, in \d+ workloads?: ")
        self.open(hash="compare=threads+tokio")
        turned = self.js("return [...document.querySelectorAll('#versus tbody tr')].map(row => row.cells[2].textContent)")

        def the_other_way(words):
            for a, b in [("better", "worse"), ("less", "more")]:
                words = words.replace(a, "\0").replace(b, a).replace("\0", b)
            return words
        self.assertEqual(turned, [the_other_way(line.split("|")[2]) for line in plain])

    def test_what_is_folded_unfolds_and_folds(self):
        self.open()
        fold = self.all("#workloads .sheet details")[0]
        inside = fold.find_element(By.CSS_SELECTOR, ":scope > :last-child")
        self.assertFalse(inside.is_displayed())
        self.js("arguments[0].click()", fold.find_element(By.CSS_SELECTOR, "summary"))
        self.assertTrue(inside.is_displayed())
        self.js("arguments[0].click()", fold.find_element(By.CSS_SELECTOR, "summary"))
        self.assertFalse(inside.is_displayed())

    def test_no_caption_names_a_runtime_that_is_not_shown(self):
        for pick in ["runtimes=tokio+threads", ""]:
            self.open(hash=pick)
            picked = set(self.shown("#overview-cold tbody tr"))
            named = self.js(
                "return [...document.querySelectorAll('[data-named]')].filter(e => !e.matches('.off')).map(e => e.dataset.named)")
            for names in named:
                self.assertLessEqual(set(names.split()), picked)
            everybody = self.js("return JSON.parse(document.querySelector('#data').textContent).runtimes")
            captions = self.js(
                "return [...document.querySelectorAll('figcaption')].map(e => [...e.querySelectorAll('.off')].reduce("
                "(text, off) => text.replace(off.textContent, ''), e.textContent))")
            self.assertTrue(captions)
            for caption in captions:
                words = set(re.findall(r"[\w@.-]+", caption.replace(". ", " ")))
                self.assertFalse(words & (set(everybody) - picked - {"floor"}), caption)

    def test_a_link_to_a_folded_part_unfolds_it_on_load_and_when_the_address_changes(self):
        self.open()
        folded = self.js("return [...document.querySelectorAll('main details[id]')].map(e => e.id)")
        inner = self.js("return [...document.querySelectorAll('main details figure[id]')].map(e => e.id)")
        self.assertTrue(folded)
        for anchor in [folded[0], folded[-1], *inner[:1]]:
            is_seen = "const e = document.getElementById(arguments[0]); return e.lastElementChild.checkVisibility()"
            self.open(hash=anchor)
            self.assertTrue(self.js(is_seen, anchor), f"{anchor} on load")
            self.open()
            self.assertFalse(self.js(is_seen, anchor), f"{anchor} is not folded at first")
            self.js("location.hash = arguments[0]", anchor)
            self.assertTrue(self.wait_for(is_seen, anchor), f"{anchor} when the address changes")
        for anchor in self.js("return [...document.querySelectorAll('.grown.closed figure')].map(e => e.id)")[-1:]:
            self.open(hash=anchor)
            self.assertTrue(self.js("return document.getElementById(arguments[0]).checkVisibility()", anchor))
            self.assertEqual(self.value("#grows"), anchor)
        self.open(hash="overview-memory")
        self.assertTrue(self.all("#overview-memory")[0].is_displayed())
        self.assertFalse(self.all("#overview-cold")[0].is_displayed())

    def test_too_few_blocks_says_how_many_there_were_and_how_many_it_takes(self):
        self.open(hash="runtimes=all")
        said = self.js(
            "return [...document.querySelectorAll('#versus td, .board .rank')].map(e => e.dataset.tip ?? e.textContent)"
            ".filter(words => words.startsWith('too few blocks'))")
        if not said:
            self.skipTest("nothing in this run has too few blocks")
        for words in said:
            self.assertRegex(words, r"^too few blocks: \d+, needed: \d+$")

    def test_the_anchor_of_a_claim_unfolds_it(self):
        self.open()
        claims = self.all(".claim")
        if not claims:
            self.skipTest("this run has no claims")
        anchor = claims[-1].get_attribute("id")
        self.open(hash=f"at={anchor}&runtimes=tokio+threads")
        claim = self.all(f"#{anchor}")[0]
        self.assertTrue(claim.find_element(By.CSS_SELECTOR, "code").is_displayed())
        self.assertLessEqual(set(self.shown("#overview-cold tbody tr")), {"tokio", "threads"})
        self.open(hash=anchor)
        self.assertTrue(self.all(f"#{anchor} code")[0].is_displayed())

    def test_a_filter_says_how_many_claims_it_found_and_when_it_found_none(self):
        self.open()
        fields = self.all(".filter")
        if not fields:
            self.skipTest("this run has few claims")
        said, visible = self.all(".matches")[0], lambda: [claim for claim in self.all(".claim") if claim.is_displayed()]
        fields[0].send_keys("threads tokio")
        self.assertTrue(visible())
        self.assertRegex(said.text, r"\d")
        fields[0].send_keys(Keys.CONTROL + "a", Keys.DELETE)
        fields[0].send_keys("qqqq zzzz")
        self.assertEqual(visible(), [])
        self.assertIn("No claim", said.text)

    def test_growth_shows_one_chart_which_is_chosen_by_name(self):
        self.open()
        charts = self.all(".grown")
        if len(charts) < 2:
            self.skipTest("this run has one chart")
        self.assertEqual(len([chart for chart in charts if chart.is_displayed()]), 1)
        last = self.all("#grows option")[-1].get_attribute("value")
        self.js("const s = document.querySelector('#grows'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))", last)
        shown = [chart for chart in charts if chart.is_displayed()]
        self.assertEqual([chart.find_element(By.TAG_NAME, "figure").get_attribute("id") for chart in shown], [last])

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

    def test_answers_and_claims_follow_a_chosen_pick(self):
        self.open()
        whole = self.js("return document.querySelector('.card .answer').textContent")
        self.open(hash="runtimes=tokio+threads")
        lead = self.js("return document.querySelector('.card .answer').textContent")
        if self.all(".card .rest") and self.js("return document.querySelector('.card .rest').textContent"):
            self.assertNotEqual(lead, whole)
            self.assertRegex(lead, r"^(Of the runtimes picked, |None of the runtimes picked can be told from another \(too few blocks)")
            named = re.match(r"Of the runtimes picked, (.+?) (?:is|are) ", lead)
            if named:
                self.assertLessEqual(set(re.split(", | and ", named[1])), {"tokio", "threads"})
        others = self.js(
            "return [...document.querySelectorAll('.claim:not(.off)')].map(e => e.dataset.labels)"
            ".filter(labels => /python|smol|glommio/.test(labels))")
        self.assertEqual(others, [])
        hidden = len(self.all(".claim.off"))
        if hidden:
            self.assertIn(f"Not shown: {hidden} of ", self.all("#unasked")[0].text)
            # A link to a claim shows it, whatever is picked.
            claim = self.all(".claim.off")[0].get_attribute("id")
            self.open(hash=f"runtimes=tokio+threads&at={claim}")
            self.assertTrue(self.js("return document.getElementById(arguments[0]).offsetParent !== null", claim))
        self.open(hash="runtimes=all")
        self.assertEqual(self.all(".claim.off"), [])

    def test_the_page_reads_on_a_phone_and_at_twice_the_size(self):
        for name, size in [("phone", PHONE), ("zoom", (640, 450))]:
            self.open(size=size)
            self.assertLessEqual(self.js("return document.documentElement.scrollWidth"), size[0], name)
            small = self.js(
                "return [...document.querySelectorAll('p, dd, td, figcaption, summary')]"
                ".filter(e => e.offsetParent && !e.matches('.unseen')"
                " && parseFloat(getComputedStyle(e).fontSize) < 11).length")
            self.assertEqual(small, 0, "texts too small to read")
            unannounced = self.js(
                "return [...document.querySelectorAll('.wide')]"
                ".filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && !e.matches('.scrolls')).length")
            self.assertEqual(unannounced, 0, "something scrolls and does not say so")
            self.keep(name)

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

    def test_every_link_leads_somewhere_and_every_drawing_says_what_it_is(self):
        self.open()
        ids = self.js("return [...document.querySelectorAll('[id]')].map(e => e.id)")
        self.assertEqual(len(set(ids)), len(ids), "two parts have the same anchor")
        self.assertEqual(self.all("table:not([id])"), [])
        # The code stands in the checkout, and a run may be anywhere.
        in_checkout = (RUN.parent.parent / "crates").exists()
        for link in {element.get_attribute("href") for element in self.all("a" if in_checkout else "a:not(.code a)")}:
            if link.startswith("file:"):
                path, _, anchor = link.removeprefix("file://").partition("#")
                self.assertTrue(pathlib.Path(path).exists(), link)
                # The lines of a file of code are no anchors of this page.
                is_here = path.endswith("/report.html")
                self.assertTrue(not anchor or not is_here or anchor in ids, link)
            else:
                self.assertTrue(link.startswith("http"), link)
        for figure in self.all("figure.drawing"):
            self.assertGreater(len(figure.find_element(By.CSS_SELECTOR, ".unseen").get_attribute("textContent")), 20)
            self.assertTrue(figure.find_element(By.CSS_SELECTOR, "figcaption").get_attribute("textContent"))

    def test_it_prints_on_few_pages(self):
        self.open()
        printed = self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
        pdf = base64.b64decode(printed["data"])
        pages = len(re.findall(rb"/Type\s*/Page[^s]", pdf))
        self.assertTrue(1 <= pages <= 15, f"{pages} pages")

    def test_without_the_script_everything_is_there(self):
        self.open()
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.driver.get((RUN / "report.html").as_uri())
            self.assertTrue(self.all("#overview-cold")[0].is_displayed())
            self.assertTrue(all(chart.is_displayed() for chart in self.all(".grown")))
            self.assertFalse(self.all("#picker")[0].is_displayed())
        finally:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    def test_a_text_that_is_markup_is_shown_and_not_run(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "run"
            copy.mkdir()
            for file in [*RUN.glob("*.csv"), *RUN.glob("*.json")]:
                (copy / file.name).write_bytes(file.read_bytes())
            # The names and texts of a plan are under its hash; what a machine or a runner says of itself is not.
            environment = json.loads((copy / "environment.json").read_text(encoding="utf-8"))
            for runtime in environment["runtimes"]:
                runtime["model"] = MARKUP
            environment |= {"kernel": MARKUP, "cpu_model": MARKUP}
            (copy / "environment.json").write_text(json.dumps(environment), encoding="utf-8")
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
