# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects by pre-signed URLs (AWS Signature Version 4), with the standard library alone.

The object endpoint and the credentials of the function's role are in the environment, under the names that every S3 SDK
reads; an SDK in the package would find them just so.
"""

import datetime
import hashlib
import hmac
import os
import urllib.parse
import urllib.request


def presign(method, bucket, key, seconds=3600):
    """A URL that lets whoever has it do `method` on one object for a while."""
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
    secret = os.environ["AWS_SECRET_ACCESS_KEY"]
    region = os.environ.get("AWS_REGION", "us-east-1")
    now = datetime.datetime.utcnow().strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/{region}/s3/aws4_request"
    path = "/" + urllib.parse.quote(f"{bucket}/{key}")
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}",
        "X-Amz-Date": now,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Security-Token": os.environ["AWS_SESSION_TOKEN"],
    }
    query_text = urllib.parse.urlencode(sorted(query.items()), quote_via=urllib.parse.quote, safe="-_.~")
    host = urllib.parse.urlsplit(endpoint).netloc
    request = "\n".join([method, path, query_text, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
    key_bytes = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key_bytes = hmac.new(key_bytes, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key_bytes, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{endpoint}{path}?{query_text}&X-Amz-Signature={signature}"


def upload(path, bucket, key, content_type):
    """Streams a file into an object."""
    with open(path, "rb") as file:
        request = urllib.request.Request(presign("PUT", bucket, key), data=file, method="PUT", headers={
            "Content-Type": content_type, "Content-Length": str(os.path.getsize(path))})
        urllib.request.urlopen(request).close()
