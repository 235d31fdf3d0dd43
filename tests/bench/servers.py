"""Servers under the load of `digits-client bench`: what the benchmarks of serving share."""
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "tests" / "bench"
MODELS = ROOT / "deploy" / "models"
TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP = 0.5


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Server:
    """A program that is started and ended, and whose use of the processor is known.

    `command` makes the command line from the address to listen on; `prepare` is called in the new
    process before the program.
    """

    def __init__(self, command, client, prepare=None):
        self.address = free_address()
        self.client = client
        self.output = None
        arguments = command(self.address)
        start = time.monotonic()
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, preexec_fn=prepare)
        host, port = self.address.rsplit(":", 1)
        while True:
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > start + 30:
                    self.stop()
                    raise SystemExit(f"does not serve: {' '.join(map(str, arguments))}")
                time.sleep(0.001)
        self.seconds_to_listen = time.monotonic() - start

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def cpu_seconds(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def bench_any(self, flags, seconds):
        """What `digits-client bench` reports, whatever becomes of the calls."""
        output = subprocess.run(
            [self.client, "--server", self.address, "bench", "--format", "json", "--warm-up",
             str(WARM_UP), "--duration", str(seconds), *flags],
            check=True, stdout=subprocess.PIPE).stdout
        return json.loads(output)

    def bench(self, flags, seconds):
        """The same, of a load that the server answers whole."""
        result = self.bench_any(flags, seconds)
        if list(result["codes"]) != ["OK"]:
            raise SystemExit(f"not all calls were answered: {result['codes']}")
        return result

    def measure(self, flags, seconds):
        """The figures of a load that the server answers whole."""
        before = self.cpu_seconds()
        result = self.bench(flags, seconds)
        calls = result["calls_per_second"] * (seconds + WARM_UP)
        return {
            "calls_per_second": result["calls_per_second"],
            "cpu_us": 1e6 * (self.cpu_seconds() - before) / calls,
            "p50_us": result["latency_us"]["p50"],
            "p99_us": result["latency_us"]["p99"],
        }

    def stop(self):
        """Ends the server; returns what it has printed."""
        if self.output is None:
            self.process.terminate()
            self.output = self.process.communicate()[0]
        return self.output


def medians(measured):
    return {key: statistics.median(one[key] for one in measured) for key in measured[0]}
