"""A page that is opened from disk in a headless Chromium, and what tests ask of it.

The arguments of the program are the folder of a run with its report, the program kilotask, and the folder of a run of the
default preset with its report, which may be the same.
"""

import csv
import os
import pathlib
import shutil
import sys
import time
import unittest

from selenium import webdriver
from selenium.webdriver.common.by import By

RUN, KILOTASK, DEFAULT = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
DESKTOP, PHONE, WIDE = (1280, 900), (390, 844), (1440, 900)


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


class Opened(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.driver = browser()
        cls.addClassCleanup(cls.driver.quit)
        cls.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})

    def open(self, folder=RUN, size=DESKTOP, scheme="light", hash=""):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        # A change of the fragment alone would not load the page again.
        self.driver.get("about:blank")
        self.driver.get((folder / "report.html").as_uri() + (f"#{hash}" if hash else ""))

    def busy_ms(self):
        """The processor time so far of the page's script, styles and layout. Other programs do not add to it, as they do to
        the time of a clock."""
        metrics = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        parts = {"ScriptDuration", "RecalcStyleDuration", "LayoutDuration"}
        return sum(1000 * metric["value"] for metric in metrics if metric["name"] in parts)

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

    def keep(self, name):
        if folder := os.environ.get("SCREENSHOTS"):
            self.driver.save_screenshot(str(pathlib.Path(folder) / f"{name}.png"))
