"""Compares the engine's probabilities, and the types that weights are stored in, with numpy's.

The weights files are written here by hand, from the text of the safetensors format.
Usage: numpy_reference_test.py INTEROP_MODEL
"""

import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no numpy")
    sys.exit(77)

TOLERANCE = 1e-5

# name, widths, activation of the hidden layers, scale and offset of the input, numbers of images
CASES = [
    ("article", [784, 16, 16, 10], "relu", 1 / 255, 0.0, [0, 1, 2, 3, 31, 128, 129, 1000]),
    ("sigmoid", [784, 16, 16, 10], "sigmoid", 1 / 255, 0.0, [1, 7, 1000]),
    ("tanh", [784, 16, 16, 10], "tanh", 1 / 255, 0.0, [1, 7, 1000]),
    ("one layer", [784, 10], "relu", 1 / 255, 0.0, [1, 100]),
    ("wide", [784, 512, 512, 10], "relu", 1 / 255, 0.0, [1, 33, 300]),
    ("deep", [784, 100, 80, 60, 40, 20, 10], "relu", 1 / 255, 0.0, [1, 200]),
    ("standardised", [784, 64, 10], "relu", 1 / 255 / 0.3081, -0.1307 / 0.3081, [1, 200]),
    ("inverted, 62 classes", [784, 64, 62], "sigmoid", -1 / 255, 1.0, [1, 200]),
]


def write_weights(path, layers, activations, scale, offset):
    header = {
        "__metadata__": {
            "digits.format": "1",
            "digits.activations": json.dumps(activations),
            "digits.class_names": json.dumps([f"class {i}" for i in range(len(layers[-1][1]))]),
            "digits.input_scale": repr(float(scale)),
            "digits.input_offset": repr(float(offset)),
        }
    }
    data = b""
    for i, (weight, bias) in enumerate(layers):
        for name, values in (("weight", weight), ("bias", bias)):
            content = values.astype("<f4").tobytes()
            header[f"layers.{i}.{name}"] = {
                "dtype": "F32",
                "shape": list(values.shape),
                "data_offsets": [len(data), len(data) + len(content)],
            }
            data += content
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def reference(pixels, layers, activations, scale, offset):
    values = pixels.astype(np.float64) * np.float64(scale) + np.float64(offset)
    for (weight, bias), activation in zip(layers, activations):
        values = values @ weight.astype(np.float64).T + bias.astype(np.float64)
        if activation == "relu":
            values = np.maximum(values, 0)
        elif activation == "sigmoid":
            values = 1 / (1 + np.exp(-values))
        elif activation == "tanh":
            values = np.tanh(values)
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def read_tensors(path):
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    types = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "I8": "i1"}
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(content[start + begin : start + end], types[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def to_bfloat16(values):
    """The upper 16 bits, rounded to nearest, ties to even."""
    bits = values.view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def to_int8(weight):
    """The definition in quantization.h."""
    scale = np.abs(weight).max(axis=1).astype(np.float64) / 127
    fraction, exponent = np.frexp(scale)
    scale = np.ldexp(np.floor(np.ldexp(fraction, 17)), exponent - 17)
    return np.rint(weight / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def compare_storage(program, directory, random):
    """Counts the tensors that are stored in other bits than numpy makes of them."""
    # Of all sizes, down to the subnormal numbers of binary16.
    weight = random.normal(0, 1, (10, 784)) * np.exp2(random.uniform(-30, 10, (10, 784)))
    weight, bias = weight.astype(np.float32), random.normal(0, 1, 10).astype(np.float32)
    source, copy = directory / "source.safetensors", directory / "copy.safetensors"
    write_weights(source, [(weight, bias)], ["softmax"], 1, 0)
    values, scale = to_int8(weight)
    expected = {
        "f16": {"weight": weight.astype("<f2"), "bias": bias.astype("<f2")},
        "bf16": {"weight": to_bfloat16(weight), "bias": to_bfloat16(bias)},
        "i8": {"weight": values, "weight_scale": scale, "bias": bias},
    }
    failures = 0
    for storage, tensors in expected.items():
        subprocess.run([program, "copy", source, copy, storage], check=True, timeout=60)
        found = read_tensors(copy)
        agrees = len(found) == len(tensors) and all(
            np.array_equal(found[f"layers.0.{name}"], values) for name, values in tensors.items()
        )
        failures += not agrees
        print(f"{'ok  ' if agrees else 'FAIL'} stored as {storage}")
    return failures


def main():
    program = sys.argv[1]
    random = np.random.default_rng(1)
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        failures += compare_storage(program, directory, random)
        for case, widths, hidden, scale, offset, batches in CASES:
            scale, offset = np.float32(scale), np.float32(offset)
            layers = [
                (
                    random.normal(0, np.sqrt(2 / inputs), (outputs, inputs)).astype(np.float32),
                    random.normal(0, 0.1, outputs).astype(np.float32),
                )
                for inputs, outputs in zip(widths, widths[1:])
            ]
            activations = [hidden] * (len(layers) - 1) + ["softmax"]
            weights = directory / "weights.safetensors"
            write_weights(weights, layers, activations, scale, offset)
            for n in batches:
                pixels = random.integers(0, 256, (n, 784), dtype=np.uint8)
                pixels[random.random((n, 784)) < 0.5] = 0
                (directory / "pixels").write_bytes(pixels.tobytes())
                subprocess.run(
                    [program, "classify", weights, directory / "pixels", directory / "out"],
                    check=True,
                    timeout=60,
                )
                out = np.fromfile(directory / "out", "<f4").reshape(n, widths[-1])
                expected = reference(pixels, layers, activations, scale, offset)
                difference = np.abs(out - expected).max(initial=0)
                agrees = difference <= TOLERANCE  # false for NaN too
                failures += not agrees
                print(f"{'ok  ' if agrees else 'FAIL'} {case}, {n} images: {difference:.1e}")
    return 1 if failures else 0


sys.exit(main())
