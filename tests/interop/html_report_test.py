"""Reads the report with Python's parsers of XML and HTML, and checks its figures with numpy.

Usage: html_report_test.py DIGITS_TRAINER INTEROP_MODEL
"""

import base64
import html.parser
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
import zlib

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no numpy")
    sys.exit(77)

IMAGES = 400
BINS = 15


def write_digits(folder):
    """Bars at a place for each class, as IDX files; some labels are wrong, so that some answers are."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 10, IMAGES).astype(np.uint8)
    pixels = random.integers(0, 64, (IMAGES, 28, 28)).astype(np.uint8)
    for image, label in zip(pixels, labels):
        image[:, 2 * label : 2 * label + 3] += 120
    labels[:60] = random.integers(0, 10, 60)
    (folder / "t10k-images-idx3-ubyte").write_bytes(
        struct.pack(">4I", 0x803, IMAGES, 28, 28) + pixels.tobytes()
    )
    (folder / "t10k-labels-idx1-ubyte").write_bytes(
        struct.pack(">2I", 0x801, IMAGES) + labels.tobytes()
    )
    return pixels, labels


def check_png(source):
    prefix = "data:image/png;base64,"
    assert source.startswith(prefix), source[:40]
    png = base64.b64decode(source[len(prefix) :], validate=True)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, data = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert checksum == zlib.crc32(kind + content)
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", content[:10])
            assert (width, height, depth) == (28, 28, 8)
            bytes_per_pixel = {0: 1, 2: 3}[colour]
        if kind == b"IDAT":
            data += content
        at += 12 + length
    assert len(zlib.decompress(data)) == 28 * (1 + 28 * bytes_per_pixel)


class Balanced(html.parser.HTMLParser):
    """Fails where a tag is closed that was not opened last."""

    VOID = {"meta", "link", "img"}

    def __init__(self):
        super().__init__()
        self.open = []
        self.tags = set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert len(dict(attributes)) == len(attributes), (tag, attributes)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()


def percent(text):
    return float(text.replace("\u00a0%", ""))


def check(report, probabilities, labels, digest):
    text = report.read_bytes().decode("utf-8")
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert parser.open == [], parser.open
    assert "script" not in parser.tags

    root = xml.etree.ElementTree.fromstring(text.replace("<!DOCTYPE html>", "", 1))
    by_id = {e.get("id"): e for e in root.iter() if e.get("id")}
    figure = lambda name: "".join(by_id[name].itertext())

    answers = probabilities.argmax(axis=1)
    confidences = probabilities.max(axis=1).astype(np.float64)
    right = answers == labels
    assert 0.2 < right.mean() < 1, f"not much to look at: {right.mean()}"
    assert figure("accuracy") == f"{100 * right.mean():.2f}\u00a0%", figure("accuracy")
    assert figure("wrong") == str((~right).sum())
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    assert abs(float(figure("loss")) + np.log(true).mean()) < 6e-5

    bins = np.digitize(confidences, np.arange(1, BINS) / BINS, right=True)
    error = sum(
        (bins == b).mean() * abs(right[bins == b].mean() - confidences[bins == b].mean())
        for b in np.unique(bins)
    )
    assert abs(percent(figure("calibration-error")) - 100 * error) < 0.006
    rows = list(by_id["reliability"].find("tbody"))
    assert [int(row[1].text) for row in rows] == [int((bins == b).sum()) for b in range(BINS)]

    matrix = [
        [int(cell.text.replace("·", "0")) for cell in row.findall("td")]
        for row in by_id["confusion"].find("tbody")
    ]
    for truth in range(10):
        for answer in range(10):
            assert matrix[truth][answer] == ((labels == truth) & (answers == answer)).sum()
    for label, row in enumerate(by_id["scores"].find("tbody")):
        shown = [cell.text for cell in row.findall("td")]
        hits = ((labels == label) & (answers == label)).sum()
        for share, of in ((shown[2], answers == label), (shown[3], labels == label)):
            assert share == ("–" if of.sum() == 0 else f"{100 * hits / of.sum():.2f}\u00a0%")

    shown = [e for e in by_id["mistakes"].iter("img")]
    order = sorted(np.flatnonzero(~right), key=lambda i: (-probabilities[i].max(), i))[:60]
    assert [e.get("alt") for e in shown] == [
        f"image {i}: {labels[i]} that was read as {answers[i]}" for i in order
    ]
    for image in root.iter("img"):
        check_png(image.get("src"))
    assert digest in figure("model")
    assert len(by_id["weights"].findall(".//img")) == 16


def main(trainer, interop_model):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pixels, labels = write_digits(folder)
        images = str(folder / "t10k-images-idx3-ubyte")
        weights = folder / "a.safetensors"
        run = lambda *arguments: subprocess.run(arguments, check=True, capture_output=True, text=True)
        run(trainer, "fit", "--data", images, "--output", weights, "--epochs", "20",
            "--learning-rate", "0.02", "--report", folder / "fit.html")
        run(trainer, "report", weights, "--data", images, "--history", folder / "a.history.csv",
            "--output", folder / "report.html")
        (folder / "pixels").write_bytes(pixels.tobytes())
        run(interop_model, "classify", weights, folder / "pixels", folder / "probabilities")
        probabilities = np.fromfile(folder / "probabilities", "<f4").reshape(IMAGES, 10)
        digest = run("sha256sum", weights).stdout.split()[0]
        for report in ("report.html", "fit.html"):
            check(folder / report, probabilities, labels, digest)
            assert re.search(r'id="learning"', (folder / report).read_text("utf-8"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
