"""What a person does with the page: picks runtimes, compares, sorts, unfolds, and sends a link."""

import html
import re

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from opened import RUN, Opened, rows


class Choosing(Opened):
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

    def test_the_pick_is_followed_in_less_time_than_opening_takes(self):
        self.open()
        opening = self.busy_ms()
        times = []
        for preset in ["all", "usual", "all", "usual", "all"]:
            before = self.busy_ms()
            self.js("document.querySelector(`[data-preset=${arguments[0]}]`).click(); document.body.getBoundingClientRect()", preset)
            times.append(self.busy_ms() - before)
        print(f"the processor's time: a pick {sorted(times)[2]:.0f} ms (within 100 is wanted), opening {opening:.0f} ms")
        # Processors differ, and this one may be shared: the bound is the page's own work, which a pick must not do again.
        self.assertLess(sorted(times)[2], opening, f"milliseconds: {times}, opening {opening}")
        self.assertGreater(len(self.shown("#overview-cold tbody tr")), 10)

    def test_answers_and_claims_follow_a_chosen_pick(self):
        self.open()
        whole = self.js("return document.querySelector('.card .answer').textContent")
        self.open(hash="runtimes=tokio+threads")
        lead = self.js("return document.querySelector('.card .answer').textContent")
        if self.all(".card .rest") and self.js("return document.querySelector('.card .rest').textContent"):
            self.assertNotEqual(lead, whole)
            self.assertRegex(lead, r"^(Of the runtimes picked, |Which of the runtimes picked is best is not known \(too few blocks)")
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
                # A caveat may send the reader to a variant.
                named = re.sub(r"† .*?\. ", "", caption)
                words = set(re.findall(r"[\w@.-]+", named.replace(". ", " ")))
                self.assertFalse(words & (set(everybody) - picked - {"floor"}), caption)

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
        self.assertAlmostEqual(float(cell.text.rstrip('†')) / ratio, 1, delta=0.06)
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
            "const page = new DOMParser().parseFromString(arguments[0], 'text/html');"
            "return [...page.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.textContent).join('|'))",
            table[:table.index("</table>")])
        scripted = self.js("return [...document.querySelectorAll('#versus tbody tr')]"
                           ".map(row => [...row.cells].map(cell => cell.textContent).join('|'))")
        self.assertEqual(scripted, plain)
        sentence = self.all("#versus-sentence")[0].text
        self.assertRegex(sentence, r"(^|\. )\S+ against \S+, cold, in \d+ workloads?: ")
        whole = re.search(r'<p id="versus-sentence">(.*?)</p>', source)[1]
        self.assertEqual(sentence, html.unescape(whole))
        # In the manner of hyperfine, with the ratio of the table.
        if said := re.match(r"(.+?): (\S+) ran (\S+) \[.+?\] times faster than (\S+)\. ", sentence):
            line = next(line.split("|") for line in plain if line.split("|")[0].removesuffix(" †") == said[1])
            self.assertIn(f", by a factor of {said[3]}", line[2])
        self.open(hash="compare=threads+tokio")
        turned = self.js("return [...document.querySelectorAll('#versus tbody tr')].map(row => row.cells[2].textContent)")

        def the_other_way(words):
            return words.replace("better", "\0").replace("worse", "better").replace("\0", "worse")
        self.assertEqual(turned, [the_other_way(line.split("|")[2]) for line in plain])

    def test_what_could_mislead_stands_beside_two_that_are_compared_and_who_ran_fewer_tasks_is_said(self):
        self.open(hash="runtimes=all")
        caveats = self.js(
            "return [...document.querySelectorAll('.sheet')].flatMap(sheet => [...sheet.querySelectorAll('details li[data-runtime]')]"
            ".map(e => [sheet.id.replace('workload-', ''), e.dataset.runtime, e.textContent]))")
        everybody = self.js("return JSON.parse(document.querySelector('#data').textContent).runtimes")
        for workload, runtime, words in caveats[:3]:
            other = next(label for label in everybody if label != runtime)
            self.open(hash=f"compare={runtime}+{other}")
            row = self.js("return document.querySelector(`#versus a[href='#workload-${arguments[0]}']`)?.parentElement.textContent", workload)
            if row:
                self.assertTrue(row.endswith(" †"), row)
                self.assertIn(words, self.all("#versus-caveats")[0].text)
        data = self.js("return JSON.parse(document.querySelector('#data').textContent)")
        held = {column["id"]: column["tasks"] for column in data["columns"]}.get("hold", [])
        few = [place for place, tasks in enumerate(held) if 0 < tasks < max(held)]
        if few:
            a, b = data["runtimes"][held.index(max(held))], data["runtimes"][few[0]]
            self.open(hash=f"compare={a}+{b}")
            self.assertIn(f"not compared: {b} ran fewer tasks", self.all("#versus")[0].text)

    def test_with_a_baseline_caveats_stay_lines_are_sorted_anew_and_memory_has_no_ratios(self):
        self.open(hash="runtimes=all")
        dagger = "return [...document.querySelectorAll('#overview-cold td')].map(e => [e.textContent.endsWith('†'), /\\n† /.test(e.dataset.tip ?? '')])"
        before = self.js(dagger)
        self.assertTrue(all(mark == tip for mark, tip in before))
        self.js("document.querySelector('#overview-cold th:nth-child(2) button').click()")
        self.js("const s = document.querySelector('#baseline'); s.value = 'tokio'; s.dispatchEvent(new Event('change'))")
        after = self.js(dagger)
        self.assertEqual(sum(mark for mark, _ in after), sum(mark for mark, _ in before))
        self.assertTrue(all(tip for mark, tip in after if mark), "a caveat is gone from the tooltip")
        keys = self.js(
            "return [...document.querySelectorAll('#overview-cold tbody tr')].map(row => row.cells[1].dataset.sort).filter(Boolean).map(Number)")
        self.assertEqual(keys, sorted(keys))
        self.assertFalse(self.all("#no-ratios")[0].is_displayed())
        values = "return [...document.querySelectorAll('#overview-memory td')].map(e => e.textContent)"
        with_baseline = self.js(values)
        self.js("document.querySelector('input[value=memory]').click()")
        self.assertTrue(self.all("#no-ratios")[0].is_displayed())
        self.assertTrue(any(re.search(r"\d", value) for value in with_baseline))
        self.assertEqual(self.js("return document.querySelectorAll('#overview-memory .top').length"), 0)

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

    def test_what_is_folded_unfolds_and_folds(self):
        self.open()
        fold = self.all("#workloads .sheet details")[0]
        inside = fold.find_element(By.CSS_SELECTOR, ":scope > :last-child")
        self.assertFalse(inside.is_displayed())
        self.js("arguments[0].click()", fold.find_element(By.CSS_SELECTOR, "summary"))
        self.assertTrue(inside.is_displayed())
        self.js("arguments[0].click()", fold.find_element(By.CSS_SELECTOR, "summary"))
        self.assertFalse(inside.is_displayed())

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
