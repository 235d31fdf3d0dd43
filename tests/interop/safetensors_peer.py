"""PyTorch's half of safetensors_test.

write DIR: pixels, and NAME.safetensors of several modules as safetensors.torch saves them.
check DIR: NAME.probabilities and NAME.copy, which the code under test has made of them since.
"""

import json
import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

IMAGES = 300
TOLERANCE = 1e-5


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


class Nested(nn.Module):
    """Its layers' names end in 0, 2, ... 10, which letters would order otherwise."""

    def __init__(self):
        super().__init__()
        widths = [784, 40, 36, 32, 28, 24]
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        self.net = nn.Sequential(*layers, nn.Linear(24, 10))

    def forward(self, x):
        return self.net(x)


def modules():
    """NAME: (module, metadata), always the same ones."""
    torch.manual_seed(1)
    return {
        "sequential": (
            nn.Sequential(
                nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 10)
            ),
            None,
        ),
        "two_layers": (TwoLayers(), {"format": "pt"}),
        "nested": (Nested(), {"provenance.data": "Zufall, gew\u00fcrfelt"}),
        "sigmoid": (
            nn.Sequential(nn.Linear(784, 20), nn.Sigmoid(), nn.Linear(20, 3)),
            {
                "digits.activations": '["sigmoid", "softmax"]',
                "digits.class_names": '["a", "b", "c"]',
            },
        ),
    }


def write(directory):
    torch.manual_seed(2)
    pixels = torch.randint(0, 256, (IMAGES, 784), dtype=torch.uint8)
    (directory / "pixels").write_bytes(pixels.numpy().tobytes())
    for name, (module, metadata) in modules().items():
        save_file(module.state_dict(), directory / f"{name}.safetensors", metadata=metadata)


def expected_metadata(state, metadata):
    layers, classes = len(state) // 2, list(state.values())[-1].shape[0]
    given = metadata or {}
    expected = {
        "digits.format": "1",
        "digits.activations": ["relu"] * (layers - 1) + ["softmax"],
        "digits.class_names": [str(i) for i in range(classes)],
        "digits.input_scale": "0.003921569",  # numpy.float32(1) / 255
        "digits.input_offset": "0",
    }
    for key in ("digits.activations", "digits.class_names"):
        if key in given:
            expected[key] = json.loads(given[key])
    expected.update({k: v for k, v in given.items() if k.startswith("provenance.")})
    return expected


def check(directory):
    content = (directory / "pixels").read_bytes()
    pixels = torch.frombuffer(bytearray(content), dtype=torch.uint8).reshape(IMAGES, 784)
    for name, (module, metadata) in modules().items():
        state = module.state_dict()

        copy = load_file(directory / f"{name}.copy")
        names = [f"layers.{i}.{kind}" for i in range(len(state) // 2) for kind in ("weight", "bias")]
        assert sorted(copy) == sorted(names), list(copy)
        for ours, (theirs, values) in zip(names, state.items()):
            assert copy[ours].dtype == torch.float32
            assert torch.equal(copy[ours], values), f"{name}: {ours} is not {theirs}"

        with safe_open(directory / f"{name}.copy", framework="pt") as file:
            found = dict(file.metadata())
        for key in ("digits.activations", "digits.class_names"):
            found[key] = json.loads(found[key])
        assert found == expected_metadata(state, metadata), found

        with torch.no_grad():
            logits = module.double()(pixels.double() / 255)
            reference = torch.softmax(logits, dim=1)
        out = (directory / f"{name}.probabilities").read_bytes()
        out = torch.frombuffer(bytearray(out), dtype=torch.float32).reshape(reference.shape)
        difference = (out - reference).abs().max().item()
        assert difference <= TOLERANCE, f"{name}: probabilities differ by {difference}"
        print(f"ok   {name}: {difference:.1e}")


{"write": write, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
