#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every figure next to its yardstick, measured in the same run; what `./run bench` runs.

Figures have stable dotted names. A ratio is the figure over its yardstick, whichever way round the text beside it says;
these machines are shared and noisy, so ratios are what may be compared from run to run.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ECHO = "def handler(event, context):\n    return event\n"
# Ten lines a call, to its log or to nowhere: the difference is what the log costs.
TALK = """import os
nowhere = open(os.devnull, 'w', buffering=1)
def talk(event, context):
    for i in range(10):
        print('order', i, 'of a customer accepted in', 3 * i, 'ms')
    return event
def whisper(event, context):
    for i in range(10):
        print('order', i, 'of a customer accepted in', 3 * i, 'ms', file=nowhere)
    return event
def clock(event, context):
    import time
    for i in range(5):
        print('written at', time.time())
        time.sleep(0.03)
"""
# 1 KiB is the payload of the async figures; warm calls carry the same.
BODY_BYTES = 1024
# A day of a busy machine, and what the figures of logs are promised for; 4 GB in /var/tmp while they are measured.
LOG_LINES = 10_000_000
# What the figures of metrics are promised for.
METRIC_FUNCTIONS, METRIC_DAYS = 1_000, 30
ALARM_RULES = 5_000
FIRST_INSTANCE_UID = 1_900_000_000


def median_seconds(command, times):
    """The median wall time of a command, after one warm-up."""
    spent = []
    for _ in range(times + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent[1:])


def cpu_seconds(pids):
    total = 0.0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except FileNotFoundError:
            continue
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def pss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def sandbox_pids(daemon_pid):
    """Python processes inside the sandboxes of this daemon: the descendants of its spawner that run python3."""
    children = {}
    names = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            names[int(entry.name)] = text[text.index("(") + 1:text.rindex(")")]
            children.setdefault(int(text.rsplit(") ", 1)[1].split()[1]), []).append(int(entry.name))
    found, queue = [], [daemon_pid]
    while queue:
        pid = queue.pop()
        queue += children.get(pid, [])
        if pid != daemon_pid and names.get(pid, "").startswith("python"):
            found.append(pid)
    return found


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not happen within {seconds} s")
        time.sleep(0.005)


class Daemon:
    def __init__(self, build, folder, *arguments):
        self.bin = build / "bin"
        self.state = folder / "state"
        self.log = open(folder / "daemon.log", "w")
        self.process = subprocess.Popen([self.bin / "hanshud", "--state", self.state, *arguments], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, start_new_session=True)
        self.addresses = json.loads(self.process.stdout.readline())
        text = (self.state / "credentials.toml").read_text()
        self.keys = dict((k.strip(), v.strip().strip('"')) for k, v in (line.split("=", 1) for line in text.splitlines()))
        self.cli("account", "set-concurrency", "1000")

    @property
    def pid(self):
        return self.process.pid

    def cli(self, *words, parse=False):
        command = [self.bin / "hanshu", "--server", self.addresses["grpc"], *(["-o", "json"] if parse else []), *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr}")
        return json.loads(done.stdout) if parse else done.stdout

    def status(self):
        return self.cli("status", parse=True)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


class Bench:
    def __init__(self, build, only):
        self.build = build
        self.only = only
        self.rows = []
        # A real file system, as a state directory has.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hanshu-bench-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        code = self.folder / "echo"
        code.mkdir()
        (code / "index.py").write_text(ECHO)
        self.code = code

    def wants(self, *names):
        return any(fnmatch.fnmatch(name, self.only) for name in names)

    def add(self, name, value, unit, yardstick="", ratio=None):
        if self.wants(name):
            self.rows.append({"name": name, "value": value, "unit": unit, "yardstick": yardstick, "ratio": ratio})
            shown = "" if ratio is None else f"{ratio:8.3f} x {yardstick}"
            print(f"{name:28} {value:14,.2f} {unit:10} {shown}", flush=True)

    def load(self, port, path, connections, requests, keys=None, headers=()):
        command = [self.build / "bench/bench_load", port, path, connections, requests, BODY_BYTES]
        if keys:
            command += [keys["access_key_id"], keys["access_key_secret"], *headers]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        result = json.loads(done.stdout)
        if result["bad"]:
            raise RuntimeError(f"{result['bad']} of {requests} answers were not 2xx, the last one {result['last_bad']}")
        return result

    def daemon(self, name, *arguments):
        folder = self.folder / name
        folder.mkdir()
        folder.chmod(0o755)
        return Daemon(self.build, folder, *arguments)

    def warm(self):
        echo = subprocess.Popen([self.build / "bench/bench_echo"], stdout=subprocess.PIPE, text=True)
        daemon = self.daemon("warm")
        try:
            echo_port = echo.stdout.readline().strip()
            port = daemon.addresses["http"].rsplit(":", 1)[1]
            daemon.cli("function", "deploy", "echo", self.code, "--runtime", "python3.11", "--handler", "index.handler",
                       "--idle-timeout", "300")
            path = "/2023-03-30/functions/echo/invocations"
            for connections, requests in ((1, 4000), (16, 12000), (64, 12000)):
                self.load(port, path, connections, max(500, requests // 8), daemon.keys)
                # Yardstick and figure alternate, so that the machine's mood meets both.
                yards, calls = [], []
                agents = sandbox_pids(daemon.pid)
                spent = [cpu_seconds([daemon.pid]), cpu_seconds(agents)]
                for _ in range(3):
                    yards.append(self.load(echo_port, "/", connections, requests * 2))
                    calls.append(self.load(port, path, connections, requests // 3, daemon.keys))
                spent = [cpu_seconds([daemon.pid]) - spent[0], cpu_seconds(agents) - spent[1]]
                yard = statistics.median(y["rate"] for y in yards)
                rate = statistics.median(c["rate"] for c in calls)
                self.add(f"yard.beast_echo.c{connections}", yard, "calls/s")
                self.add(f"warm.python.c{connections}", rate, "calls/s", f"yard.beast_echo.c{connections}", rate / yard)
                p50 = statistics.median(c["p50"] for c in calls)
                yard_p50 = statistics.median(y["p50"] for y in yards)
                self.add(f"warm.python.c{connections}.p50", p50, "us", "p50 of the echo", p50 / yard_p50)
                self.add(f"warm.python.c{connections}.p99", statistics.median(c["p99"] for c in calls), "us")
                total = 3 * (requests // 3)
                self.add(f"warm.python.c{connections}.cpu.daemon", spent[0] / total * 1e6, "us/call")
                self.add(f"warm.python.c{connections}.cpu.agent", spent[1] / total * 1e6, "us/call")
        finally:
            daemon.stop()
            echo.terminate()
            echo.wait()

    def cold(self):
        python = median_seconds(["/usr/bin/python3", "-I", "-c", "0"], 20)
        bwrap = median_seconds(["bwrap", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink",
                                "usr/lib64", "/lib64", "--unshare-all", "/usr/bin/true"], 20)
        self.add("yard.python_start", python * 1e3, "ms")
        self.add("yard.bwrap_true", bwrap * 1e3, "ms")
        for name, stock in (("stock", 4), ("nostock", 0)):
            if not self.wants(f"cold.python.{name}*"):
                continue
            daemon = self.daemon(f"cold-{name}", "--stock", str(stock))
            try:
                self.cold_starts(daemon, name, stock, python * 1e3)
            finally:
                daemon.stop()

    def cold_starts(self, daemon, name, stock, python_ms):
        port = daemon.addresses["http"].rsplit(":", 1)[1]
        calls = []
        for i in range(25):
            daemon.cli("function", "deploy", f"cold{i}", self.code, "--runtime", "python3.11", "--handler", "index.handler")
            if stock:
                wait_until(lambda: daemon.status().get("stock", 0) >= stock, 30, "a full stock")
            calls.append(self.load(port, f"/2023-03-30/functions/cold{i}/invocations", 1, 1, daemon.keys)["p50"] / 1e3)
        p50 = statistics.median(calls[1:])
        self.add(f"cold.python.{name}", p50, "ms", "yard.python_start", p50 / python_ms)
        wait_until(lambda: len(daemon.cli("invocations", "-n", "100", parse=True)) >= 25, 10, "the records")
        runs = [run for run in daemon.cli("invocations", "-n", "100", parse=True) if run.get("coldStart")]
        for phase in ("schedule", "start", "init", "run"):
            self.add(f"cold.python.{name}.{phase}", statistics.median(run.get(f"{phase}Us", 0) for run in runs) / 1e3, "ms")

    def disk(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="disk-", dir=self.folder))
        done = subprocess.run([self.build / "bench/bench_disk", folder], capture_output=True, text=True, check=True)
        shutil.rmtree(folder)
        return json.loads(done.stdout)

    def durable(self):
        daemon = self.daemon("async")
        try:
            port = daemon.addresses["http"].rsplit(":", 1)[1]
            daemon.cli("function", "deploy", "echo", self.code, "--runtime", "python3.11", "--handler", "index.handler",
                       "--idle-timeout", "300")
            daemon.cli("account", "set-concurrency", "16")
            path, events = "/2023-03-30/functions/echo/invocations", 10000
            asynchronous = ("X-Fc-Invocation-Type:Async",)
            self.load(port, path, 16, 500, daemon.keys, asynchronous)
            wait_until(lambda: int(daemon.status().get("backlog", 0)) == 0, 60, "an empty queue")
            # Yardstick and figure alternate, so that the machine's mood meets both.
            yards, accepts, dones = [], [], []
            for _ in range(3):
                yards.append(self.disk())
                before = self.finished(daemon)
                start = time.monotonic()
                accepts.append(self.load(port, path, 64, events, daemon.keys, asynchronous)["rate"])
                wait_until(lambda: self.finished(daemon) - before >= events, 300, "the end of every event")
                dones.append(events / (time.monotonic() - start))
            yard = {name: statistics.median(y[name] for y in yards) for name in yards[0]}
            self.add("yard.fdatasync", yard["fdatasync_us"], "us")
            self.add("yard.sqlite1", yard["sqlite1_rows"], "rows/s")
            self.add("yard.sqlite100", yard["sqlite100_rows"], "rows/s")
            for name, rates in (("async.accept", accepts), ("async.done", dones)):
                rate = statistics.median(rates)
                self.add(name, rate, "events/s", "yard.sqlite100", rate / yard["sqlite100_rows"])
        finally:
            daemon.stop()

    def finished(self, daemon):
        """Runs that ended since the daemon started, from its own counter."""
        text = urllib.request.urlopen(f"http://{daemon.addresses['http']}/metrics").read().decode()
        for line in text.splitlines():
            if line.startswith("hanshu_invocations_total"):
                return float(line.rsplit(" ", 1)[1])
        raise RuntimeError("/metrics has no hanshu_invocations_total")

    def idle(self):
        daemon = self.daemon("idle", "--stock", "0")
        try:
            self.add("idle.daemon", rss_mib(daemon.pid), "MiB")
            daemon.cli("function", "deploy", "echo", self.code, "--runtime", "python3.11", "--handler", "index.handler",
                       "--idle-timeout", "300")
            daemon.cli("account", "set-concurrency", "32")
            port = daemon.addresses["http"].rsplit(":", 1)[1]
            self.load(port, "/2023-03-30/functions/echo/invocations", 8, 400, daemon.keys)
            pids = sandbox_pids(daemon.pid)
            self.add("idle.instance.python", statistics.median(pss_mib(pid) for pid in pids), "MiB")
        finally:
            daemon.stop()

    def logs(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="logs-", dir=self.folder))
        done = subprocess.run([self.build / "bench/bench_logs", folder, str(LOG_LINES)], capture_output=True, text=True)
        shutil.rmtree(folder)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout)
        self.add("yard.zstd", found["zstd_lines"], "lines/s")
        self.add("logs.ingest", found["ingest_lines"], "lines/s", "yard.zstd", found["ingest_lines"] / found["zstd_lines"])
        self.add("logs.disk_ratio", found["disk_ratio"], "of raw")
        self.add("logs.query.field", found["field_ms"], "ms")
        # Of each question to its own grep, the worst.
        text = max(found[f"text_{name}_ms"] / found[f"grep_{name}_ms"] for name in ("rare", "absent", "uuid", "number"))
        self.add("logs.query.text", found["text_ms"], "ms", "grep -F, the same term, all lines", text)
        regex = max(found[f"{name}_ms"] / found[f"grep_{name}_ms"] for name in ("regex_literal", "regex_plain"))
        self.add("logs.query.regex", found["regex_ms"], "ms", "grep -E, the same hour", regex)
        self.add("logs.rss", found["rss_mib"], "MiB")

    def log_path(self):
        """What lines cost a function, and how long they take to whoever watches."""
        code = self.folder / "talk"
        code.mkdir()
        (code / "index.py").write_text(TALK)
        daemon = self.daemon("log-path")
        try:
            port = daemon.addresses["http"].rsplit(":", 1)[1]
            for name in ("talk", "whisper", "clock"):
                daemon.cli("function", "deploy", name, code, "--runtime", "python3.11", "--handler", f"index.{name}",
                           "--idle-timeout", "300")
            rates = {"talk": [], "whisper": []}
            for name in rates:
                self.load(port, f"/2023-03-30/functions/{name}/invocations", 16, 1000, daemon.keys)
            for _ in range(5):
                for name, measured in rates.items():
                    measured.append(self.load(port, f"/2023-03-30/functions/{name}/invocations", 16, 4000, daemon.keys)["rate"])
            talk, whisper = (statistics.median(rates[name]) for name in ("talk", "whisper"))
            self.add("logs.cost_per_call", 100 * (1 - talk / whisper), "%", "ten lines to /dev/null", talk / whisper)
            self.add("logs.tail.p99", self.tail_latency(daemon), "ms")
        finally:
            daemon.stop()

    def tail_latency(self, daemon):
        """From a line's writing to the subscriber, p99 of 500 lines; milliseconds."""
        tail = subprocess.Popen([self.build / "bin/hanshu", "--server", daemon.addresses["grpc"], "-o", "json", "logs",
                                 "clock", "-f", "-n", "1"], stdout=subprocess.PIPE, text=True)
        spent = []
        try:
            calls = subprocess.Popen(["sh", "-c", f"for i in $(seq 110); do '{self.build}/bin/hanshu' --server "
                                      f"'{daemon.addresses['grpc']}' invoke clock >/dev/null; done"])
            for line in tail.stdout:
                now = time.time()
                message = json.loads(line)["message"]
                if message.startswith("written at "):
                    spent.append(1e3 * (now - float(message.removeprefix("written at "))))
                if len(spent) == 500:
                    break
            calls.kill()
            calls.wait()
        finally:
            tail.kill()
            tail.wait()
        return sorted(spent)[int(0.99 * len(spent))]

    def metrics(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="metrics-", dir=self.folder))
        done = subprocess.run([self.build / "bench/bench_metrics", folder, str(METRIC_FUNCTIONS), str(METRIC_DAYS)],
                              capture_output=True, text=True)
        shutil.rmtree(folder)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout)
        # The slowest of an hour, a day, a week and thirty days of eight series; the yardstick has a week of them.
        self.add("metrics.query", found["chart_ms"], "ms", "SQLite, a week of eight series", found["chart_ms"] / found["sqlite_ms"])
        self.add("metrics.query.all", found["all_ms"], "ms")
        self.add("metrics.record", found["timing_ns"], "ns", "an atomic addition", found["timing_ns"] / found["atomic_ns"])
        self.add("metrics.disk", found["disk_per_sample"], "bytes/sample")
        self.add("metrics.rss", found["rss_mib"], "MiB")

    def alarms(self):
        done = subprocess.run([self.build / "bench/bench_alarms", str(ALARM_RULES)], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout)
        self.add("alarms.evaluate", found["evaluate_ms"], "ms", "a look-up and a comparison a rule",
                 found["evaluate_ms"] / found["lookup_ms"])
        self.add("alarms.keep", found["keep_ms"], "ms")

    def run(self):
        groups = ((self.warm, ("yard.beast_echo.c1", "yard.beast_echo.c16", "yard.beast_echo.c64", "warm.python.c1",
                               "warm.python.c16", "warm.python.c64", "warm.python.c1.p50")),
                  (self.cold, ("yard.python_start", "yard.bwrap_true", "cold.python.stock", "cold.python.nostock")),
                  (self.durable, ("yard.fdatasync", "yard.sqlite1", "yard.sqlite100", "async.accept", "async.done")),
                  (self.idle, ("idle.daemon", "idle.instance.python")),
                  (self.logs, ("yard.zstd", "logs.ingest", "logs.disk_ratio", "logs.query.field", "logs.query.text", "logs.query.regex",
                               "logs.rss")),
                  (self.log_path, ("logs.cost_per_call", "logs.tail.p99")),
                  (self.metrics, ("metrics.query", "metrics.query.all", "metrics.record", "metrics.disk", "metrics.rss")),
                  (self.alarms, ("alarms.evaluate", "alarms.keep")))
        for group, names in groups:
            if self.wants(*names):
                group()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="the build directory")
    parser.add_argument("--only", default="*", help="figures whose names match this pattern")
    parser.add_argument("--json", type=pathlib.Path, help="write the rows to this file")
    options = parser.parse_args()
    bench = Bench(options.bin.resolve(), options.only)
    bench.run()
    if options.json:
        options.json.write_text(json.dumps(bench.rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
