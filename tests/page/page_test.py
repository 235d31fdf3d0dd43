"""The page that the server serves, used in a real browser.

Usage: page_test.py SERVER MODELS_FOLDER SCREENSHOTS_FOLDER
Where DIGITS_PAGE_URL is set, the page there is tested instead of one of SERVER's.
"""

import base64
import os
import pathlib
import re
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

SKIPPED = 77
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
          "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")

try:
    import numpy as np
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.select import Select

    import browser
    import pictures
    import served
    from handwriting import SCRIBBLE, STROKES, placed
except ImportError as error:
    print(f"skipped: {error}; install python3-numpy and python3-selenium")
    sys.exit(SKIPPED)
if not browser.CHROMIUM or not browser.DRIVER:
    print("skipped: install chromium and chromium-driver")
    sys.exit(SKIPPED)

SERVER, MODELS, SCREENSHOTS = sys.argv[1], *map(pathlib.Path, sys.argv[2:4])
CONTRAST = (pathlib.Path(__file__).parent / "contrast.js").read_text("utf-8")


def picture_of(digit, width=220, height=260):
    """Where the digit has ink; height x width."""
    box = (width * 0.3, height * 0.2, width * 0.4, height * 0.6)
    return pictures.ink(placed(STROKES[digit], *box), width, height)


class PageTestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.url = os.environ.get("DIGITS_PAGE_URL")
        if cls.url is None:
            cls.server = served.Server(SERVER, MODELS, cls.folder)
            cls.addClassCleanup(lambda: cls.server.stop())  # whichever it is by then
            cls.url = cls.server.url
        cls.page = browser.Browser(cls.url)
        cls.addClassCleanup(cls.page.quit)

    def setUp(self):
        self.page.open()

    def tearDown(self):
        self.page.complaints()
        self.assertEqual(self.page.hosts_asked(), {urllib.parse.urlsplit(self.url).netloc})

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def wait_for_label(self, label):
        self.page.until(lambda: self.page.answer()["label"] == label)


class PageTest(PageTestCase):
    def tearDown(self):
        self.assertEqual(self.page.complaints(), [])
        super().tearDown()

    # ---- Drawing

    def test_each_digit_is_read_as_it_is_drawn(self):
        for digit, strokes in STROKES.items():
            with self.subTest(digit=digit):
                self.page.open()
                self.page.draw(strokes, kind=("mouse", "pen", "touch")[digit % 3])
                answer = self.page.settled()
                self.assertEqual(answer["label"], str(digit))
                self.assertEqual(answer["kinship"], "Looks like a digit")
                self.assertRegex(answer["sureness"], r"^[89]\d\.\d % sure$")

    def test_a_small_digit_in_a_corner_is_read(self):
        self.page.draw(STROKES[3], left=0.05, top=0.05, width=0.15, height=0.25)
        self.assertEqual(self.page.settled()["label"], "3")

    def test_the_answer_comes_while_the_digit_is_drawn_one_question_at_a_time(self):
        self.page.draw(STROKES[0])
        self.page.settled()
        witness = self.page.witness()
        self.assertGreater(len(witness["pictures"]), 5)
        self.assertEqual(witness["mostAtOnce"], 1)

    def test_every_class_has_a_bar_as_long_as_its_probability(self):
        self.page.draw(SCRIBBLE)
        answer = self.page.settled()
        self.assertEqual(answer["classes"], list("0123456789"))
        shares = [float(share.removesuffix("\u00a0%")) / 100 for share in answer["shares"]]
        self.assertAlmostEqual(sum(shares), 1, delta=0.011)  # each is rounded down
        # At their full length, which a moving bar has not yet.
        lengths = self.page.run("""
            return [...document.querySelectorAll('.track span')].map((track) => {
              track.getAnimations({subtree: true}).forEach((a) => a.finish());
              return new DOMMatrix(getComputedStyle(track, '::before').transform).a;
            });""")
        for length, share in zip(lengths, shares):
            self.assertAlmostEqual(length, share, delta=0.0011)

    def test_ink_that_is_no_digit_is_called_so(self):
        self.page.draw(SCRIBBLE)
        answer = self.page.settled()
        self.assertEqual((answer["label"], answer["sureness"]), ("?", "Unlike any digit"))
        self.assertRegex(answer["kinship"], r"^Nearest: \d, \d+\.\d %$")

    def test_what_the_network_saw_is_mnist_like(self):
        self.page.draw(STROKES[8])
        self.page.settled()
        seen = np.reshape(self.page.seen(), (28, 28))
        rows, columns = np.nonzero(seen > 25)
        self.assertEqual(rows.max() - rows.min() + 1, 20)
        self.assertEqual((seen[:3] > 25).sum(), 0)
        y, x = np.mgrid[0:28, 0:28]
        for axis in (x, y):
            self.assertAlmostEqual((seen * axis).sum() / seen.sum(), 13.75, delta=1)

    def test_the_time_says_the_round_trip_and_the_servers_share(self):
        self.page.draw(STROKES[1])
        found = re.fullmatch(r"Answered in (\d+\.\d) ms, (\d+\.\d) ms of them in the server",
                             self.page.settled()["time"])
        self.assertTrue(found, self.page.answer()["time"])
        self.assertLessEqual(float(found[2]), float(found[1]))

    def test_undo_takes_back_a_stroke_and_clear_can_be_undone(self):
        self.page.draw(STROKES[1])
        self.page.draw([[(0, 0), (100, 100)], [(100, 0), (0, 100)]], kind="pen")
        for _ in range(2):
            self.page.element("undo").click()
        self.assertEqual(self.page.settled()["label"], "1")
        self.page.element("clear").click()
        self.assertEqual(self.page.settled()["sureness"], "Nothing read yet")
        self.page.element("undo").click()
        self.assertEqual(self.page.settled()["label"], "1")

    def test_a_palm_beside_the_pen_draws_nothing(self):
        self.page.draw(STROKES[7], kind="pen")
        self.page.draw(SCRIBBLE[:1], kind="touch", left=0.5, top=0.5, width=0.4, height=0.4)
        self.assertEqual(self.page.settled()["label"], "7")

    # ---- Pictures

    def test_a_transparent_picture_that_is_chosen_lies_on_white(self):
        pixels = np.zeros((260, 220, 4), np.uint8)  # black everywhere, seen where there is ink
        pixels[..., 3] = 255 * picture_of(6)
        path = self.file("six.png", pictures.png(pixels))
        self.page.element("choose").send_keys(str(path))
        self.wait_for_label("6")

    def test_light_ink_on_a_transparent_ground_lies_on_black(self):
        pixels = np.full((260, 220, 4), 255, np.uint8)
        pixels[..., 3] = 255 * picture_of(6)
        self.page.drop(self.file("light.png", pictures.png(pixels)))
        self.wait_for_label("6")

    def test_paper_with_transparent_margins_lies_on_what_it_is_itself(self):
        pixels = np.repeat(255 - 255 * picture_of(6)[..., None], 4, axis=2).astype(np.uint8)
        pixels[..., 3] = 255
        pixels[:20, :, 3] = 0
        self.page.drop(self.file("paper.png", pictures.png(pixels)))
        self.wait_for_label("6")
        sent, = self.page.witness()["pictures"]
        self.assertEqual(base64.b64decode(sent["pixels"])[0], 255)

    def test_a_photograph_is_turned_as_the_camera_was_held(self):
        upside_down = 255 - 255 * picture_of(6)[::-1, ::-1]
        jpeg = self.page.jpeg(pictures.png(upside_down))
        self.page.element("photograph").send_keys(str(self.file("9.jpg", jpeg)))
        self.wait_for_label("9")
        held = self.file("6.jpg", pictures.jpeg_held(jpeg, 3))
        self.page.element("photograph").send_keys(str(held))
        self.wait_for_label("6")

    def test_a_picture_light_on_dark_can_be_dropped(self):
        path = self.file("five.png", pictures.png(30 + 200 * picture_of(5)))
        self.page.drop(path)
        self.wait_for_label("5")

    def test_a_picture_can_be_pasted(self):
        png = pictures.png(255 - 255 * picture_of(2))
        self.page.run("""
            const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([bytes], 'two.png', {type: 'image/png'}));
            document.dispatchEvent(new ClipboardEvent('paste', {clipboardData}));
            """, base64.b64encode(png).decode())
        self.wait_for_label("2")

    def test_a_large_picture_is_shrunk_before_it_is_sent(self):
        large = np.repeat(np.repeat(255 - 255 * picture_of(4), 8, axis=0), 8, axis=1)
        self.page.drop(self.file("four.png", pictures.png(large)))
        self.wait_for_label("4")
        sent, = self.page.witness()["pictures"]
        self.assertEqual((sent["width"], sent["height"]), (866, 1024))
        self.assertEqual(len(base64.b64decode(sent["pixels"], validate=True)), 866 * 1024)

    def test_drawing_on_a_picture_begins_anew_and_undo_brings_it_back(self):
        self.page.drop(self.file("five.png", pictures.png(255 - 255 * picture_of(5))))
        self.wait_for_label("5")
        self.page.draw(STROKES[7])
        self.assertEqual(self.page.settled()["label"], "7")
        self.page.element("undo").click()
        self.wait_for_label("5")

    def test_a_broken_file_is_named_and_what_was_drawn_stays(self):
        self.page.draw(STROKES[7])
        self.page.settled()
        whole = pictures.png(255 - 255 * picture_of(5))
        for name, content in {"words.png": b"no picture", "empty.png": b"",
                              "header.png": whole[:40]}.items():
            with self.subTest(name=name):
                self.page.element("choose").send_keys(str(self.file(name, content)))
                self.page.until(lambda: name in self.page.answer()["note"])
                self.assertIn("no picture that this browser can read", self.page.answer()["note"])
                self.assertEqual(self.page.answer()["label"], "7")

    def test_what_is_no_file_cannot_be_dropped_and_is_told_so(self):
        self.page.run("""
            const dataTransfer = new DataTransfer();
            dataTransfer.setData('text/uri-list', 'http://192.0.2.1/five.png');
            document.dispatchEvent(new DragEvent('drop', {dataTransfer, cancelable: true}));""")
        self.assertIn("Only a picture", self.page.answer()["note"])

    # ---- The server's word

    def test_another_model_answers_when_it_is_chosen(self):
        choice = Select(self.page.element("model"))
        self.assertEqual([o.text for o in choice.options], ["best", "article", "letters"])
        self.assertEqual(choice.first_selected_option.text, "best")
        self.page.draw(STROKES[3])
        self.assertIn("784–1024–", self.page.settled()["network"])
        choice.select_by_visible_text("article")
        answer = self.page.settled()
        self.assertIn("784–16–16–10", answer["network"])
        self.assertEqual(answer["label"], "3")

    def test_the_classes_are_the_models(self):
        Select(self.page.element("model")).select_by_visible_text("letters")
        self.page.draw(STROKES[3])
        answer = self.page.settled()
        self.assertEqual(answer["classes"], ["a", "b", "c"])
        self.assertEqual(answer["label"], "b")
        self.assertEqual(answer["kinship"], "")  # this model cannot tell

    def test_the_policy_forbids_other_sources(self):
        with urllib.request.urlopen(self.url, timeout=browser.DEADLINE) as response:
            self.assertEqual(response.headers["Content-Security-Policy"], POLICY)

    # ---- Without a mouse

    def test_a_digit_can_be_drawn_by_keyboard_alone(self):
        self.page.press(Keys.TAB)
        self.assertEqual(self.page.run("return document.activeElement.id"), "drawing")
        self.page.press(*[Keys.LEFT] * 6, Keys.SPACE, *[Keys.RIGHT] * 12)
        # Held down, the left arrow makes the others go aslant.
        keys = ActionChains(self.page.driver, duration=0).key_down(Keys.LEFT)
        for _ in range(6):
            keys.send_keys(Keys.DOWN)
        keys.key_up(Keys.LEFT).send_keys(*[Keys.DOWN] * 12).send_keys(Keys.SPACE).perform()
        self.assertEqual(self.page.settled()["label"], "7")
        seen = np.reshape(self.page.seen(), (28, 28))
        right_ends = [max(np.flatnonzero(row > 127)) for row in seen if (row > 127).any()]
        self.assertLess(right_ends[-1], right_ends[0] - 3)
        self.page.press(Keys.DELETE)
        self.assertEqual(self.page.settled()["label"], "")
        self.page.press(Keys.BACKSPACE)
        self.assertEqual(self.page.settled()["label"], "7")
        self.page.press(Keys.BACKSPACE)
        self.assertEqual(self.page.settled()["label"], "")

    def test_a_key_that_is_held_lowers_the_pen_once(self):
        self.page.press(Keys.TAB)
        for repeat in (False, True, True, True):
            self.page.run("""
                document.getElementById('drawing').dispatchEvent(
                    new KeyboardEvent('keydown', {key: ' ', repeat: arguments[0]}));""", repeat)
        self.page.until(lambda: self.page.answer()["spoken"] == "Pen down")

    def test_a_pointer_whose_end_was_not_told_draws_again(self):
        self.page.run("""
            document.getElementById('drawing').addEventListener(
                'pointerup', (event) => event.stopImmediatePropagation(),
                {capture: true, once: true});""")
        self.page.draw([[(0, 0), (1, 1)]])
        self.page.draw(STROKES[1])
        self.page.element("undo").click()  # which leaves the dot
        self.assertNotEqual(self.page.settled()["sureness"], "Nothing read yet")
        self.page.element("undo").click()
        self.assertEqual(self.page.settled()["sureness"], "Nothing read yet")

    def test_the_tab_key_reaches_every_control_and_the_focus_is_seen(self):
        reached = []
        for _ in range(6):
            self.page.press(Keys.TAB)
            reached.append(self.page.run("""
                const focused = document.activeElement;
                const marked = focused.type === 'file' ? focused.nextElementSibling : focused;
                const {outlineStyle, outlineWidth} = getComputedStyle(marked);
                return [focused.id, outlineStyle, parseFloat(outlineWidth) >= 2];"""))
        controls = ["drawing", "undo", "clear", "choose", "model"]
        self.assertEqual(reached[:5], [[name, "solid", True] for name in controls])

    def test_every_control_has_a_name(self):
        for phone in (False, True):
            self.page.open(width=360, height=740, phone=phone)
            nodes = self.page.cdp("Accessibility.getFullAXTree")["nodes"]
            named = {}
            for node in nodes:
                focusable = any(p["name"] == "focusable" and p["value"]["value"]
                                for p in node.get("properties", []))
                role = node.get("role", {}).get("value")
                if not node["ignored"] and (focusable or role in ("image", "img")):
                    if role != "RootWebArea":
                        named[node.get("name", {}).get("value", "")] = role
            self.assertNotIn("", named)
            self.assertLessEqual({"Drawing area", "Undo", "Clear", "Choose a picture", "Model"},
                                 named.keys())
            self.assertEqual("Take a photo" in named, phone)

    def test_an_answer_is_read_out_once_when_it_has_settled(self):
        self.page.draw(STROKES[3])
        self.page.until(lambda: self.page.answer()["spoken"])
        spoken, = self.page.witness()["spoken"]
        self.assertRegex(spoken, r"^3, \d\d\.\d\s% sure$")
        self.assertGreater(len(self.page.witness()["pictures"]), 5)

    # ---- Looks

    def assert_contrast(self, least_texts):
        found = self.page.run(CONTRAST)
        self.assertEqual(found["poor"], [])
        self.assertGreaterEqual(found["texts"], least_texts)

    def test_text_stands_out_in_light_and_in_dark(self):
        for scheme in ("light", "dark"):
            with self.subTest(scheme=scheme):
                self.page.open(scheme=scheme)
                self.assert_contrast(15)
                self.page.screenshot(SCREENSHOTS / f"{scheme}-empty.png")
                self.page.draw(SCRIBBLE)
                self.page.settled()
                self.assert_contrast(30)
                self.page.screenshot(SCREENSHOTS / f"{scheme}-scribble.png")
                self.page.element("clear").click()
                self.page.draw(STROKES[3 if scheme == "light" else 5])
                self.page.drop(self.file("broken.png", b"no picture"))
                self.page.until(lambda: "broken.png" in self.page.answer()["note"])
                self.assert_contrast(30)
                self.page.screenshot(SCREENSHOTS / f"{scheme}-broken-file.png")
                self.page.draw([[(0, 0), (1, 1)]])
                self.page.element("undo").click()
                self.assertEqual(self.page.settled()["note"], "")
                self.page.screenshot(SCREENSHOTS / f"{scheme}.png")

    def test_it_fits_a_phone(self):
        for scheme in ("light", "dark"):
            with self.subTest(scheme=scheme):
                self.page.open(width=360, height=740, scheme=scheme, phone=True)
                self.page.draw(STROKES[2], kind="touch")
                self.assertEqual(self.page.settled()["label"], "2")
                self.assertEqual(self.page.run("return document.documentElement.scrollWidth"), 360)
                # The answer is seen beside the drawing hand, without scrolling.
                bottom = self.page.run(
                    "return document.getElementById('seen').getBoundingClientRect().bottom")
                self.assertLess(bottom, 740)
                self.page.screenshot(SCREENSHOTS / f"phone-{scheme}.png")

    def test_nothing_moves_where_less_motion_is_asked_for(self):
        duration = ("return getComputedStyle(document.querySelector('.track span'), '::before')"
                    ".transitionDuration")
        self.assertEqual(self.page.run(duration), "0.12s")
        self.page.open(reduced_motion=True)
        self.assertEqual(self.page.run(duration), "0s")


class TroubleTest(PageTestCase):
    """Where something is amiss, and the browser's console says so too."""

    def test_the_console_tells_of_what_the_policy_forbids(self):
        # Without this, that no other test sees a complaint would mean nothing.
        self.page.run("""
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.head.append(script);
            document.body.setAttribute('style', 'color: red');""")
        complaints = self.page.complaints()
        self.assertIn("script-src-elem inline", complaints)
        self.assertIn("style-src-attr inline", complaints)
        self.assertFalse(self.page.run("return 'ran' in window"))

    def test_a_blank_picture_gives_a_hint_and_no_error(self):
        blank = self.file("blank.png", pictures.png(np.full((90, 120), 255)))
        self.page.drop(blank)
        self.page.until(lambda: self.page.answer()["sureness"] == "Nothing to read")
        self.assertIn("No ink stands out", self.page.settled()["kinship"])
        self.page.until(lambda: "No ink stands out" in self.page.answer()["spoken"])

    def test_colours_are_sent_as_gray_by_rec_601(self):
        rgba = [(255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 255)]
        self.page.drop(self.file("colours.png", pictures.png([rgba])))
        self.page.until(lambda: self.page.witness()["pictures"])
        sent, = self.page.witness()["pictures"]
        self.assertEqual(list(base64.b64decode(sent["pixels"])), [76, 150, 29, 0])

    def test_what_the_server_says_of_a_bad_request_is_shown(self):
        self.page.run("""
            const asked = window.fetch;
            window.fetch = (path, options) => asked(path, {...options, body: '{"picture": 5}'});
            """)
        self.page.draw(STROKES[3])
        answer = self.page.settled()
        self.assertEqual(answer["sureness"], "No answer")
        self.assertIn("picture", answer["kinship"])

    def test_a_model_that_is_served_no_more_gives_way_to_one_that_is(self):
        self.page.run("document.getElementById('model').options[0].value = 'nobody'")
        self.page.draw(STROKES[3])
        self.assertEqual(self.page.settled()["label"], "3")
        choice = Select(self.page.element("model"))
        self.assertEqual([o.text for o in choice.options], ["best", "article", "letters"])

    def test_a_picture_is_made_smaller_where_the_connection_is_too_slow_for_it(self):
        self.page.run("""
            const asked = window.fetch;
            window.fetch = (path, options) => options?.body?.length > 200_000
                ? Promise.reject(new DOMException('', 'TimeoutError')) : asked(path, options);""")
        large = np.repeat(np.repeat(255 - 255 * picture_of(4), 4, axis=0), 4, axis=1)
        self.page.drop(self.file("four.png", pictures.png(large)))
        self.page.until(lambda: "too slow for this picture" in self.page.answer()["kinship"])
        self.wait_for_label("4")
        sent, = self.page.witness()["pictures"]
        self.assertEqual(sent["height"], 256)

    def test_the_page_recovers_by_itself_from_what_a_proxy_says(self):
        proxy = served.Proxy(self.url)
        self.addCleanup(proxy.stop)
        self.addCleanup(setattr, self.page, "url", self.url)
        self.page.hosts_asked()
        self.page.url = self.url = proxy.url
        self.page.open()
        self.page.drop(self.file("five.png", pictures.png(255 - 255 * picture_of(5))))
        self.page.until(lambda: "answered 502" in self.page.answer()["kinship"])
        self.wait_for_label("5")

    def test_the_page_recovers_by_itself_when_the_server_is_back(self):
        network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.page.cdp("Network.emulateNetworkConditions", offline=True, **network)
        try:
            self.page.draw(STROKES[3])
            self.page.until(lambda: "does not answer" in self.page.answer()["kinship"])
        finally:
            self.page.cdp("Network.emulateNetworkConditions", offline=False, **network)
        self.wait_for_label("3")


@unittest.skipIf("DIGITS_PAGE_URL" in os.environ, "the server there is not this test's to stop")
class RestartTest(PageTestCase):
    def test_the_page_learns_of_other_weights_and_keeps_the_choice(self):
        Select(self.page.element("model")).select_by_visible_text("letters")
        self.page.draw(STROKES[3])
        before = self.page.settled()["network"]
        self.server.stop()
        weights = MODELS / "article.safetensors"
        type(self).server = served.Server(
            SERVER, MODELS, self.folder, urllib.parse.urlsplit(self.url).netloc,
            {"first": weights, "letters": weights})
        self.page.draw([[(0, 0), (1, 1)]])
        self.page.element("undo").click()
        self.wait_for_label("3")
        after = self.page.settled()
        self.assertNotEqual(after["network"], before)
        self.assertIn("784–16–16–10", after["network"])
        choice = Select(self.page.element("model"))
        self.assertEqual([o.text for o in choice.options], ["first", "letters"])
        self.assertEqual(choice.first_selected_option.text, "letters")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
