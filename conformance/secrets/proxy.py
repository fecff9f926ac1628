"""A way to the server that can be cut off, for the times when the service is away."""

import contextlib
import socket
import threading


class Proxy:
    """Takes connections and hands their bytes on; while it refuses, nobody listens and what was open is cut."""

    def __init__(self, target):
        host, _, port = target.rpartition(":")
        self.target = (host, int(port))
        self.open = set()
        self.port = 0
        self.listener = None
        self.lock = threading.Lock()
        self.forward()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def forward(self):
        if self.listener:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self.listener = listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def refuse(self):
        listener, self.listener = self.listener, None
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self.lock:
            for connection in self.open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        if self.listener:
            self.refuse()

    def accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # it was closed
                return
            far = socket.create_connection(self.target)
            with self.lock:
                self.open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    def carry(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        with self.lock:
            self.open.discard(source)
        # The other direction may still use it; it is closed when both have dropped it.
