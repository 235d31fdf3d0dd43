"""Drives the page in a headless Chromium."""

import base64
import json
import shutil
import time
import urllib.parse

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By

from handwriting import placed

DEADLINE = 20  # seconds, for whatever is waited for
CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")

# Runs before the page does: counts its questions and notes what goes wrong in it.
WITNESS = """
window.witness = {underWay: 0, mostAtOnce: 0, pictures: [], spoken: [], errors: []};
const {witness} = window, realFetch = window.fetch;
window.fetch = async (path, options) => {
  if (options?.body) witness.pictures.push(JSON.parse(options.body).picture);
  witness.mostAtOnce = Math.max(witness.mostAtOnce, ++witness.underWay);
  try { return await realFetch(path, options); } finally { witness.underWay--; }
};
addEventListener('error', (e) => witness.errors.push(e.message));
addEventListener('unhandledrejection', (e) => witness.errors.push(String(e.reason)));
document.addEventListener('securitypolicyviolation',
                          (e) => witness.errors.push(`${e.violatedDirective} ${e.blockedURI}`));
document.addEventListener('DOMContentLoaded', () => {
  const spoken = document.getElementById('spoken');
  new MutationObserver(() => spoken.textContent && witness.spoken.push(spoken.textContent))
      .observe(spoken, {childList: true, characterData: true, subtree: true});
});
"""

ANSWER = """
const text = (id) => document.getElementById(id).textContent.replaceAll('\\u00a0', ' ');
return {
  busy: document.getElementById('answer').getAttribute('aria-busy') !== 'false',
  label: text('label'), sureness: text('sureness'), kinship: text('kinship'),
  time: text('time'), note: text('note'), network: text('network'), spoken: text('spoken'),
  classes: [...document.querySelectorAll('#bars th')].map((e) => e.textContent),
  shares: [...document.querySelectorAll('#bars tr')].map((e) => e.cells[2].textContent),
};
"""


class Browser:
    def __init__(self, url):
        self.url = url
        options = Options()
        options.binary_location = CHROMIUM
        for argument in (
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                "--disable-background-networking", "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # With the driver's path, Selenium looks for none to download.
        self.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self.driver.set_page_load_timeout(DEADLINE)
        self.driver.set_script_timeout(DEADLINE)
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=WITNESS)

    def quit(self):
        self.driver.quit()

    def cdp(self, command, **parameters):
        """A command of Chromium's own protocol."""
        return self.driver.execute_cdp_cmd(command, parameters)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def element(self, name):
        return self.driver.find_element(By.ID, name)

    def open(self, width=1100, height=820, scheme="light", phone=False, reduced_motion=False):
        """Loads the page anew on a screen of that kind, and waits until it knows the models."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=2, mobile=phone)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=phone)
        motion = "reduce" if reduced_motion else "no-preference"
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion}])
        self.driver.get(self.url)
        self.until(lambda: not self.answer()["busy"])

    def until(self, condition):
        """Waits until the condition holds, and fails with the page's state where it does not."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, self.answer()
            time.sleep(0.02)

    def answer(self):
        """What the page shows now."""
        return self.run(ANSWER)

    def seen(self):
        """The 28 x 28 that the page shows, row by row."""
        return self.run("""
            const {data} =
                document.getElementById('seen').getContext('2d').getImageData(0, 0, 28, 28);
            return [...data].filter((_, i) => i % 4 === 0);""")

    def settled(self):
        """What the page shows when it has asked about all that was done to it."""
        self.until(lambda: not self.answer()["busy"])
        return self.answer()

    def witness(self):
        return self.run("return window.witness")

    def draw(self, strokes, kind="mouse", left=0.25, top=0.125, width=0.5, height=0.75):
        """Draws with a "mouse", a "pen" or a finger ("touch") in a part of the drawing area."""
        x, y, side = self.run(
            "const area = document.getElementById('drawing'); area.scrollIntoViewIfNeeded();"
            "const box = area.getBoundingClientRect(); return [box.left, box.top, box.width];")
        for line in placed(strokes, x + left * side, y + top * side, width * side, height * side):
            actions = ActionBuilder(self.driver, mouse=PointerInput(kind, kind), duration=0)
            pointer = actions.pointer_action
            pointer.move_to_location(*map(round, line[0])).pointer_down()
            for point in line[1:]:
                pointer.move_to_location(*map(round, point))
            pointer.pointer_up()
            actions.perform()

    def press(self, *keys):
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def drop(self, path):
        """Drops a file on the middle of the drawing area, as a file manager does."""
        x, y = self.run("const b = document.getElementById('drawing').getBoundingClientRect();"
                        "return [b.left + b.width / 2, b.top + b.height / 2];")
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.cdp("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def jpeg(self, png):
        """The PNG as a JPEG."""
        text = self.driver.execute_async_script("""
            const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0));
            createImageBitmap(new Blob([bytes])).then((bitmap) => {
              const canvas = document.createElement('canvas');
              canvas.width = bitmap.width; canvas.height = bitmap.height;
              canvas.getContext('2d').drawImage(bitmap, 0, 0);
              arguments[1](canvas.toDataURL('image/jpeg', 0.9));
            });""", base64.b64encode(png).decode())
        return base64.b64decode(text.partition(",")[2])

    def screenshot(self, path):
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def complaints(self):
        """What the console says since this was last asked, and the page's uncaught errors."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                ] + self.witness()["errors"]

    def hosts_asked(self):
        """host:port of all requests since this was last asked."""
        events = [json.loads(entry["message"])["message"]
                  for entry in self.driver.get_log("performance")]
        urls = [urllib.parse.urlsplit(event["params"]["request"]["url"]) for event in events
                if event["method"] == "Network.requestWillBeSent"]
        return {url.netloc for url in urls if url.scheme not in ("data", "blob")}
