#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job from end to end, with its proof; what `./run demo` runs.

A daemon on a state of its own; a video goes into a bucket, its 360p, 480p and 720p versions come out of another; then the
same upload without the grant, which runs nothing and says why. Ctrl-C ends the daemon too.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HEIGHTS = (360, 480, 720)
# A 30-second clip takes about 20 s on two slow cores; a long film of one's own may take far longer.
WAIT_SECONDS = 3600


class Failed(Exception):
    """What went wrong, in a sentence for the person who runs the demo."""


def say(text):
    print(f"\n=== {text}", flush=True)


def run(command, **options):
    """Runs a command and returns what it printed; a failure says which command it was."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}\nfailed with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def make_clip(path):
    """A real 30-second 1080p clip with sound."""
    run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=30",
         "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "30", "-c:v", "libx264", "-preset", "ultrafast",
         "-pix_fmt", "yuv420p", "-c:a", "aac", path])


def probe(path):
    """Height, width, video codec and audio codec of a file."""
    streams = json.loads(run(["ffprobe", "-v", "error", "-show_streams", "-of", "json", path]))["streams"]
    video = next(stream for stream in streams if stream["codec_type"] == "video")
    audio = next((stream for stream in streams if stream["codec_type"] == "audio"), None)
    return video["height"], video["width"], video["codec_name"], audio and audio["codec_name"]


class Daemon:
    """hanshud on a state directory, ended with the demo."""

    def __init__(self, binaries, state):
        self.binaries = binaries
        self.state = state
        self.log = open(f"{state}.log", "w+")
        # A session of its own: Ctrl-C reaches the demo, which then ends the daemon in order.
        self.process = subprocess.Popen([binaries / "hanshud", "--state", state], stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, start_new_session=True)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.log.seek(0)
            raise Failed(f"the daemon did not start:\n{self.log.read()}")
        self.addresses = json.loads(line)

    def cli(self, *words, parse=False):
        command = [self.binaries / "hanshu", "--server", self.addresses["grpc"]]
        out = run(command + (["-o", "json"] if parse else []) + list(words))
        return json.loads(out) if parse else out

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(45)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()
        os.unlink(f"{self.state}.log")


def credentials(state):
    """The owner's key pair, from the file that the first start wrote."""
    text = (pathlib.Path(state) / "credentials.toml").read_text()
    return dict((key.strip(), value.strip().strip('"')) for key, value in (line.split("=", 1) for line in text.splitlines()))


def wait_for(what, condition):
    """Polls until `condition` gives something true; the demo has no other way to see into the daemon."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.25)
    raise Failed(f"{what} did not happen within {WAIT_SECONDS} s")


def table(header, rows):
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, ["-" * width for width in widths], *rows]:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def set_up(daemon):
    say("Deploying the function, two buckets, and a trigger")
    daemon.cli("bucket", "create", "videos")
    daemon.cli("bucket", "create", "outputs")
    print(daemon.cli("function", "deploy", "transcode", HERE / "function", "--runtime", "python3.11", "--handler",
                     "index.handler", "--memory", "2048", "--cpu", "2", "--timeout", "1800", "--role", "transcoder"), end="")
    daemon.cli("trigger", "create", "transcode", "on-upload", "--oss", "videos", "--prefix", "in/", "--suffix", ".mp4")

    say("Granting: the bucket may invoke the function; the function may read videos/in/ and write outputs/")
    daemon.cli("grant", "add", "videos-may-invoke-transcode", "--principal", "bucket:videos", "--action", "fc:InvokeFunction",
               "--resource", "function:transcode")
    daemon.cli("grant", "add", "transcoder-may-read-videos", "--principal", "role:transcoder", "--action", "oss:GetObject",
               "--resource", "object:videos/in/*")
    daemon.cli("grant", "add", "transcoder-may-write-outputs", "--principal", "role:transcoder", "--action", "oss:PutObject",
               "--resource", "object:outputs/*")
    print(daemon.cli("grant", "list"), end="")


def upload(daemon, video, name):
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": credentials(daemon.state)["access_key_id"],
                   "AWS_SECRET_ACCESS_KEY": credentials(daemon.state)["access_key_secret"], "AWS_DEFAULT_REGION": "us-east-1"}
    # Debian's own: another aws in PATH may be too new or too old for what is shown here.
    command = ["/usr/bin/aws", "--endpoint-url", f"http://{daemon.addresses['objects']}", "s3", "cp", video,
               f"s3://videos/in/{name}.mp4"]
    print("  $", " ".join(map(str, command)))
    run(command, env=environment)


def run_of(daemon):
    """The newest run of the function, once it has ended."""
    runs = daemon.cli("invocations", "transcode", parse=True)
    return runs[0] if runs else None


def main_job(daemon, video, work):
    say("Uploading the video")
    upload(daemon, video, "clip")
    invocation = wait_for("the transcoding", lambda: run_of(daemon))
    if invocation["status"] != "Succeeded":
        raise Failed(f"the function ended as {invocation['status']}: {invocation.get('errorMessage', '')}\n"
                     + daemon.cli("logs", "transcode"))
    print(daemon.cli("logs", "transcode", "--request", invocation["requestId"]), end="")

    say("What came out, by ffprobe")
    rows = []
    for height in HEIGHTS:
        path = work / f"{height}p.mp4"
        daemon.cli("object", "get", f"outputs/clip/{height}p.mp4", path)
        actual, width, video_codec, audio_codec = probe(path)
        if actual != height or audio_codec is None:
            raise Failed(f"outputs/clip/{height}p.mp4 has height {actual} and audio {audio_codec}")
        rows.append([f"outputs/clip/{height}p.mp4", f"{width}x{actual}", video_codec, audio_codec, f"{path.stat().st_size:,}"])
    table(["output", "resolution", "video", "audio", "bytes"], rows)

    say("What it took")
    ms = lambda field: f"{invocation.get(field, 0) / 1000:,.1f} ms"
    rows = [["run", ms("runUs")], ["queue", ms("queueUs")], ["schedule", ms("scheduleUs")],
            ["cold start", (f"yes: sandbox {ms('startUs')}, code {ms('initUs')}" if invocation.get("coldStart") else "no")],
            ["memory peak", f"{invocation['memoryPeak'] / 2**20:,.0f} MB of {invocation['memorySize']} MB"],
            ["billed", f"{invocation['billedDurationMs']:,.0f} ms"], ["GB-s", f"{invocation['gbSeconds']:,.3f}"]]
    table(["figure", "value"], rows)


def without_the_grant(daemon, video):
    say("The same upload without the grant")
    daemon.cli("grant", "delete", "videos-may-invoke-transcode")
    upload(daemon, video, "ungranted")
    dead = wait_for("the refusal", lambda: daemon.cli("events", "transcode", "--dead", parse=True))
    outputs = daemon.cli("object", "ls", "outputs/ungranted/", parse=True)
    if outputs:
        raise Failed("the function ran without a grant")
    print(f"  Nothing ran. The event is a dead letter: {dead[0]['reason']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="the folder of hanshud and hanshu")
    parser.add_argument("--video", type=pathlib.Path, help="a video of your own instead of a made one")
    options = parser.parse_args()
    if options.video and not options.video.is_file():
        parser.error(f"there is no file {options.video}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Below /var/tmp: a daemon that gives up root must be able to reach it.
    base = pathlib.Path(tempfile.mkdtemp(prefix="hanshu-demo-", dir="/var/tmp"))
    base.chmod(0o755)
    kept = base / "state"
    work = base / "work"
    work.mkdir()
    daemon = None
    succeeded = False
    try:
        video = options.video
        if video is None:
            say("Making a 30-second 1080p clip with sound")
            video = work / "clip.mp4"
            make_clip(video)
        say("Starting the daemon")
        daemon = Daemon(options.bin.resolve(), kept)
        print(f"  REST {daemon.addresses['http']}   objects {daemon.addresses['objects']}   gRPC {daemon.addresses['grpc']}")
        set_up(daemon)
        main_job(daemon, video, work)
        without_the_grant(daemon, video)
        succeeded = True
    except Failed as failure:
        print(f"\ndemo: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted", file=sys.stderr)
        return 130
    finally:
        if daemon is not None:
            daemon.stop()
        shutil.rmtree(work, ignore_errors=True)
        if not succeeded:
            shutil.rmtree(base, ignore_errors=True)
    say("Done: three outputs with the right heights, audio kept; and nothing without the grant")
    print(f"  Look at it in the console:  ./run console --local {kept}\n  Remove it:                  rm -r {base}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
