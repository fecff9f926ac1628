"""A server that answers everything alike and keeps what it was sent, byte for byte."""

import socketserver
import threading
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

ANSWER = b'{"RequestId":"00000000-0000-0000-0000-000000000000"}'


@dataclass
class Sent:
    """A request as it arrived. Names of headers are in lower case, as HTTP gives them no case."""

    method: str
    target: str
    headers: list
    body: bytes

    @property
    def path(self):
        return urlsplit(self.target).path

    def query(self):
        return sorted(parse_qsl(urlsplit(self.target).query, keep_blank_values=True, strict_parsing=True))

    def segments(self):
        """The query's parameters as they stand in the URL, encoded."""
        return sorted(filter(None, urlsplit(self.target).query.split("&")))

    def form(self):
        return sorted(filter(None, self.body.decode().split("&")))

    def header(self, name):
        return dict(self.headers).get(name)

    def as_json(self):
        return {"method": self.method, "target": self.target, "headers": self.headers, "body": self.body.hex()}


class Sink:
    """Use it with `with`; `take()` gives the requests since the last `take()`."""

    def __enter__(self):
        sink = self
        self._sent, self._lock = [], threading.Lock()

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while sent := receive(self.rfile):
                    with sink._lock:
                        sink._sent.append(sent)
                    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
                    self.wfile.write(head.encode() + ANSWER)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def take(self):
        with self._lock:
            sent, self._sent = self._sent, []
        return sent


def receive(stream):
    """The next request of a connection; None at its end."""
    line = stream.readline().decode("ascii").rstrip("\r\n")
    if not line:
        return None
    method, target, _ = line.split(" ")
    headers = []
    while line := stream.readline().decode("ascii").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers.append((name.lower(), value.strip()))
    length = int(dict(headers).get("content-length", 0))
    return Sent(method, target, headers, stream.read(length))
