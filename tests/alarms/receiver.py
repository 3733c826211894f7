#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receives what alarms send, over HTTP and SMTP on loopback. Prints the two ports, then one JSON line for each message.

The path says what HTTP answers: /ok, /status/503, /json/{...}, /slow.
"""

import http.server
import json
import socketserver
import sys
import threading
import time
import urllib.parse

LOCK = threading.Lock()


def tell(record):
    with LOCK:
        print(json.dumps(record), flush=True)


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        path = urllib.parse.unquote(urllib.parse.urlparse(self.path).path)
        tell({"kind": "http", "path": self.path, "headers": dict(self.headers), "body": body})
        if path == "/slow":
            time.sleep(60)
        status = int(path.removeprefix("/status/")) if path.startswith("/status/") else 200
        answer = path.removeprefix("/json/") if path.startswith("/json/") else "ok"
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        if status == 302:
            self.send_header("Location", "/ok")
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


class Smtp(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say("220 receiver")
        mail = {"kind": "smtp", "to": []}
        for line in self.rfile:
            command = line.decode().strip()
            verb = command.upper()
            if verb.startswith("MAIL FROM:"):
                mail["from"] = command[10:].split()[0]
            elif verb.startswith("RCPT TO:"):
                if "nobody" in command:
                    self.say("550 no such user")
                    continue
                mail["to"].append(command[8:])
            elif verb == "DATA":
                self.say("354 go on")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                tell({**mail, "body": data[:-5].decode()})
            elif verb == "QUIT":
                self.say("221 bye")
                return
            self.say("250 ok")


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


def main():
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    smtp = Server(("127.0.0.1", 0), Smtp)
    for server in (hook, smtp):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    tell({"http": hook.server_address[1], "smtp": smtp.server_address[1]})
    sys.stdin.read()  # until whoever started it is gone


main()
