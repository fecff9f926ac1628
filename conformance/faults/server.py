"""A server that answers Encrypt and plays one fault while it does: `server.py FAULT FOLDER`.

Writes one line of JSON when it listens, and one with what happened when its standard input ends. The fault begins two seconds
after the first request and, where it ends at all, lasts two seconds.
"""

import asyncio
import calendar
import json
import os
import socket
import struct
import sys
import time
from email.utils import formatdate
from pathlib import Path

BEGINS, LASTS = 2.0, 2.0
# How long a session of the credentials URI lives.
SESSION = 6
ANSWER = {"CiphertextBlob": "Y2lwaGVy" * 20, "KeyId": "k", "KeyVersionId": "v", "RequestId": "r"}
REFUSALS = {
    "429": (429, "Throttling.User", "Request was denied due to user flow control."),
    "500": (500, "InternalFailure", "Internal Failure."),
    "503": (503, "ServiceUnavailableTemporary", "Service Unavailable Temporary."),
}
# What does not end by itself: a client can be well from its beginning on.
LASTING = {"clock", "address", "sessions"}
FAULTS = ["429", "500", "503", "reset", "slow", "hang", "restart", "address", "clock", "sessions"]


class Server:
    def __init__(self, fault, folder):
        self.fault = fault
        self.zone = Path(folder) / "zone"
        self.first = None
        self.requests = 0
        self.connections = 0
        self.writers = set()
        self.listener = None
        self.sessions = {}

    def during(self):
        return self.first is not None and BEGINS <= time.time() - self.first < BEGINS + LASTS

    async def listen(self, host, port=0):
        self.listener = await asyncio.start_server(self.serve, host, port)
        return self.listener.sockets[0].getsockname()[1]

    async def stop_listening(self):
        self.listener.close()
        for writer in list(self.writers):
            reset(writer)

    async def start(self):
        port = await self.listen("127.0.0.1")
        name = "kms.faults.test" if self.fault == "address" else "127.0.0.1"
        self.zone.write_text("127.0.0.1")
        credentials = f"http://127.0.0.1:{port}/credentials" if self.fault == "sessions" else ""
        return {"address": f"{name}:{port}", "zone": str(self.zone), "credentials": credentials, "port": port}

    async def change(self, port):
        """What happens to the server itself."""
        await asyncio.sleep(BEGINS)
        if self.fault == "restart":
            await self.stop_listening()
            await asyncio.sleep(LASTS)
            await self.listen("127.0.0.1", port)
        if self.fault == "address":
            await self.stop_listening()
            await self.listen("127.0.0.2", port)
            move = self.zone.with_suffix(".new")
            move.write_text("127.0.0.2")
            os.replace(move, self.zone)

    async def serve(self, reader, writer):
        self.writers.add(writer)
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().split("\r\n")
                headers = {n.lower(): v.strip() for n, v in (line.split(":", 1) for line in lines[1:] if line)}
                await reader.readexactly(int(headers.get("content-length", 0)))
                if lines[0].startswith("GET /credentials"):
                    await self.send(writer, 200, self.session())
                elif not await self.answer(writer, headers):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def answer(self, writer, headers):
        """Answers an Encrypt; whether the connection goes on."""
        self.requests += 1
        if self.first is None:
            self.first = time.time()
            asyncio.get_running_loop().create_task(self.change(self.port))
        if self.fault == "sessions":
            if self.sessions.get(headers.get("x-acs-security-token"), 0) <= time.time():
                return await self.refuse(writer, 400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
        if self.fault == "clock":
            date = calendar.timegm(time.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ"))
            if abs(self.now() - date) > 900:
                return await self.refuse(
                    writer, 400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."
                )
        if not self.during():
            return await self.send(writer, 200, ANSWER)
        if self.fault in REFUSALS:
            return await self.refuse(writer, *REFUSALS[self.fault])
        if self.fault == "hang":
            await asyncio.sleep(3600)
        if self.fault in ("reset", "slow"):
            whole = self.message(200, ANSWER)
            half = len(whole) - 100
            writer.write(whole[:half])
            await writer.drain()
            if self.fault == "reset":
                await asyncio.sleep(0.01)
                reset(writer)
                return False
            for byte in whole[half:]:
                await asyncio.sleep(1)
                writer.write(bytes([byte]))
                await writer.drain()
            return True
        return await self.send(writer, 200, ANSWER)

    def now(self):
        """The server's time; with the fault "clock" it is an hour ahead of the clients'."""
        wrong = self.fault == "clock" and self.first is not None and time.time() >= self.first + BEGINS
        return time.time() + (3600 if wrong else 0)

    def session(self):
        end = int(time.time()) + SESSION
        token = f"token-{len(self.sessions)}"
        self.sessions[token] = end
        return {
            "Code": "Success",
            "AccessKeyId": "STS.faults",
            "AccessKeySecret": "secret",
            "SecurityToken": token,
            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)),
        }

    async def refuse(self, writer, status, code, message):
        return await self.send(writer, status, {"Code": code, "Message": message, "RequestId": "r"})

    async def send(self, writer, status, body):
        writer.write(self.message(status, body))
        await writer.drain()
        return True

    def message(self, status, body):
        body = json.dumps(body)
        date = formatdate(self.now(), usegmt=True)
        head = f"HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return (head + body).encode()

    def told(self):
        first = self.first or time.time()
        since = first + BEGINS + (0 if self.fault in LASTING else LASTS)
        return {
            "requests": self.requests,
            "connections": self.connections,
            "begins": first + BEGINS,
            "since": since,
            "lasts": self.fault in LASTING,
        }


def reset(writer):
    """Ends a connection with a reset rather than in order."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def main():
    server = Server(*sys.argv[1:])
    listening = await server.start()
    server.port = listening["port"]
    print(json.dumps(listening), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(server.told()), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
