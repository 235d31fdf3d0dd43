"""The real server, with its page and three models, and a proxy before it."""

import http.server
import json
import re
import subprocess
import threading
import urllib.request

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
    """Serves models, weights files by name, from its making until stop(); otherwise "best",
    "article" and "letters"."""

    def __init__(self, program, models, folder, address="127.0.0.1:0", served=None):
        if served is None:
            served = {name: models / f"{name}.safetensors" for name in ("best", "article")}
            served["letters"] = folder / "letters.safetensors"
            write_letters(served["letters"])
        arguments = [f"--model={name}={path}" for name, path in served.items()]
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--http", address, *arguments],
            stderr=subprocess.PIPE, text=True)
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


class Proxy(http.server.ThreadingHTTPServer):
    """Passes requests on to the server at `url`, but the first question it refuses in HTML."""

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), Passing)
        self.target = url.rstrip("/")
        self.refusing = True
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Passing(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.pass_on(None)

    def do_POST(self):
        question = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.refusing:
            self.server.refusing = False
            self.answer(502, "text/html", b"<h1>Bad Gateway</h1>")
        else:
            self.pass_on(question)

    def pass_on(self, question):
        kind = {} if question is None else {"Content-Type": self.headers["Content-Type"]}
        request = urllib.request.Request(self.server.target + self.path, question, kind)
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            self.answer(answer.status, answer.headers["Content-Type"], answer.read())

    def answer(self, status, kind, content):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass
