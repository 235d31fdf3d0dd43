"""The real server, with its page and three models."""

import json
import re
import subprocess
import threading

import numpy as np

DEADLINE = 20  # seconds


def write_letters(path):
    """A weights file whose classes are no digits: whatever has ink is a "b"."""
    weight = np.repeat(np.array([[0], [0.05], [0.01]], "<f4"), 784, axis=1)
    header = json.dumps({
        "__metadata__": {"digits.class_names": '["a", "b", "c"]'},
        "layers.0.weight": {"dtype": "F32", "shape": [3, 784], "data_offsets": [0, 9408]},
        "layers.0.bias": {"dtype": "F32", "shape": [3], "data_offsets": [9408, 9420]},
    }).encode()
    header += b" " * (-len(header) % 8)
    bias = np.zeros(3, "<f4")
    path.write_bytes(len(header).to_bytes(8, "little") + header + weight.tobytes() +
                     bias.tobytes())


class Server:
    """Serves "best", "article" and "letters" from its making until stop()."""

    def __init__(self, program, models, folder):
        letters = folder / "letters.safetensors"
        write_letters(letters)
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
             "--model", f"best={models / 'best.safetensors'}",
             "--model", f"article={models / 'article.safetensors'}",
             "--model", f"letters={letters}"], stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stderr:
            said.append(line)
            address = re.search(r" serving_http address=(\S+)", line)
            if address:
                break
        else:
            self.process.wait(timeout=DEADLINE)
            raise RuntimeError("the server does not serve HTTP:\n" + "".join(said))
        self.url = f"http://{address[1]}/"
        # What it says later must not fill the pipe.
        self.reader = threading.Thread(target=self.process.stderr.read)
        self.reader.start()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=DEADLINE)
        self.reader.join()
        self.process.stderr.close()
