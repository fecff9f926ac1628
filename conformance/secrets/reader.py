"""A program that reads secrets with one of the clients, in a process of its own: settings by its environment or by a file
in its working folder, as a deployment has them, and then one JSON object a line, there and back.

The first line is `options`: what the builders of the clients are told in code (`ttl`, `json_ttl`, `stage`, `file`, `backoff`,
`session`). Each further one is a read of a secret: `text`, `binary`, `info`, `refresh`; or `hits`, many reads for `secrets-cost`.
Each answer is `{"value"}`, `{"info"}`, `{"refreshed"}`, `{"hits"}`, or `{"code", "message"}` for a refusal of the service and
`{"fault", "message"}` for anything else.
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading

# Longer than any client keeps trying with the back-off that the scenarios set.
ANSWER_WITHIN = 60


class ReaderDied(Exception):
    """The program ended or did not answer in time."""


class Reader:
    def __init__(self, command, settings, options, trust, via="environment"):
        self.folder = tempfile.mkdtemp(prefix="keystead-reader-")
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ALIBABA_CLOUD_")}
        environment.update(KEYSTEAD_TRUST=trust, SSL_CERT_FILE=trust, HOME=self.folder, ALIBABA_CLOUD_CLI_PROFILE_DISABLED="true")
        if via == "file":
            with open(os.path.join(self.folder, "secretsmanager.properties"), "w", encoding="utf-8") as file:
                file.writelines(f"{name}={value}\n" for name, value in settings.items())
        else:
            environment.update(settings)
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.opened = self.ask(options)

    def ask(self, line):
        watch = threading.Timer(ANSWER_WITHIN, self.process.kill)
        watch.start()
        try:
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            watch.cancel()
        if not answer:
            self.log.seek(0)
            raise ReaderDied(f"the reader gave no answer to {line}: {self.log.read()[-800:]}")
        return json.loads(answer)

    def end(self):
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder)
