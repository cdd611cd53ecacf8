"""A small real process for the supervisor's tests: serves HTTP, and dies or hangs when asked to.

``toy_service.py PORT``: ``GET /health`` answers 200, ``POST /die`` ends it, ``POST /hang`` makes it deaf.
"""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DEAF = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if DEAF.is_set() else 200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def do_POST(self) -> None:
        if self.path == "/die":
            os._exit(7)
        DEAF.set()
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    print("toy serves", flush=True)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
