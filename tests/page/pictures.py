"""Picture files made by hand, for the page to read."""

import struct
import zlib

import numpy as np

PEN = 18  # pixels


def ink(lines, width, height):
    """Whether each pixel is within half a pen of one of the lines; height x width."""
    y, x = np.mgrid[0:height, 0:width]
    inked = np.zeros((height, width), bool)
    for line in lines:
        for (ax, ay), (bx, by) in zip(line, line[1:]):
            dx, dy = bx - ax, by - ay
            along = ((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-9)
            along = along.clip(0, 1)
            inked |= np.hypot(x - ax - along * dx, y - ay - along * dy) <= PEN / 2
    return inked


def png(pixels):
    """A PNG of bytes: height x width is gray, height x width x 4 is RGBA."""
    def chunk(kind, content):
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    pixels = np.asarray(pixels, np.uint8)
    height, width = pixels.shape[:2]
    color_type = 0 if pixels.ndim == 2 else 6
    rows = np.insert(pixels.reshape(height, -1), 0, 0, axis=1)  # each row's filter: none
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows.tobytes())) + chunk(b"IEND", b""))


def jpeg_held(jpeg, orientation):
    """The JPEG with an EXIF segment that says how the camera was held: 1 to 8."""
    assert jpeg[:2] == b"\xff\xd8"
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)  # one SHORT
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
