# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A video lands in a bucket; its 360p, 480p and 720p versions land in another.

The event says which object came. ffmpeg reads it through a pre-signed URL, decodes it once and writes the three sizes to
/tmp; from there they are uploaded.
"""

import json
import os
import subprocess

import storage

HEIGHTS = (360, 480, 720)
OUTPUT_BUCKET = os.environ.get("OUTPUT_BUCKET", "outputs")


def handler(event, context):
    results = []
    for record in json.loads(event)["events"]:
        bucket = record["oss"]["bucket"]["name"]
        key = record["oss"]["object"]["key"]
        results += transcode(bucket, key, context.logger)
    return results


def transcode(bucket, key, logger):
    name = os.path.splitext(os.path.basename(key))[0]
    files = {height: f"/tmp/{name}-{height}p.mp4" for height in HEIGHTS}
    logger.info("transcoding %s/%s", bucket, key)
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", "-i", storage.presign("GET", bucket, key)]
    # One decoder feeds three scalers; -2 keeps the ratio with an even width, which H.264 needs.
    split = f"[0:v]split={len(HEIGHTS)}" + "".join(f"[v{h}]" for h in HEIGHTS)
    scales = ";".join(f"[v{h}]scale=-2:{h}[s{h}]" for h in HEIGHTS)
    command += ["-filter_complex", f"{split};{scales}"]
    for height, path in files.items():
        command += ["-map", f"[s{height}]", "-map", "0:a?", "-c:v", "libx264", "-preset", "veryfast", "-crf", "26",
                    "-c:a", "aac", "-movflags", "+faststart", path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ffmpeg failed: {done.stderr.strip()[-500:]}")
    outputs = []
    for height, path in files.items():
        target = f"{name}/{height}p.mp4"
        storage.upload(path, OUTPUT_BUCKET, target, "video/mp4")
        size = os.path.getsize(path)
        os.unlink(path)
        logger.info("wrote %s/%s (%d bytes)", OUTPUT_BUCKET, target, size)
        outputs.append({"bucket": OUTPUT_BUCKET, "key": target, "bytes": size})
    return outputs
