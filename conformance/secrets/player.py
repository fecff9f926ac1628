"""Plays one scenario with one client: steps at the service, reads by the client, what each has to give."""

import json
import os
import secrets
import shutil
import tempfile
import time

from current import CurrentClient
from harness import equal, holds
from identities import Identities
from proxy import Proxy
from reader import Reader
from world import READER


class Player:
    """One client, by one way, at one gateway."""

    def __init__(self, world, client, gateway, way, by_file):
        self.world, self.client, self.gateway, self.way = world, client, gateway, way
        self.via = "file" if by_file else "environment"
        self.run = secrets.token_hex(4)
        self.user = f"scenario-{self.run}"
        self.identities = Identities(world.admin, world.ready.account)
        self.names = {}
        self.access_key_id = None
        self.reader = self.proxy = None
        self.folder = tempfile.mkdtemp(prefix="keystead-cache-")

    def play(self, scenario):
        try:
            if any(step["step"] == "service" for step in scenario["steps"]):
                self.proxy = Proxy(self.world.endpoint)
            for number, step in enumerate(scenario["steps"], 1):
                if self.client.name not in step.get("for", [self.client.name]):
                    continue
                try:
                    getattr(self, step["step"])(step)
                except AssertionError as error:
                    raise AssertionError(f"step {number}, {step}: {error}") from None
        finally:
            self.closed()
            if self.proxy:
                self.proxy.close()
            shutil.rmtree(self.folder)

    def name(self, short):
        """What a secret of the scenario is called at the service: each play has its own."""
        return self.names.get(short, f"scenario/{self.run}-{short}")

    def filled(self, value):
        """`@short` is a secret's name, and a text may be told as one that is repeated."""
        if isinstance(value, str) and value.startswith("@"):
            return self.name(value[1:])
        if isinstance(value, dict) and "repeat" in value:
            return value["repeat"] * value["times"]
        if isinstance(value, dict):
            return {name: self.filled(part) for name, part in value.items()}
        return value

    # Steps at the service.

    def call(self, step):
        parameters = self.filled(step["with"])
        if step["action"] == "CreateSecret":
            parameters.update(self.world.secret(self.gateway))
        self.world.call(step["action"], **parameters)

    def everywhere(self, step):
        """The same secret in each region."""
        for admin in self.world.regions:
            admin.call("CreateSecret", SecretName=self.name(step["secret"]), VersionId="v1", SecretData=step["value"])

    def ram_user(self, step):
        """A RAM user, and its AccessKey as a secret that is rotated."""
        user = self.user
        key_id, key_secret = self.identities.user(user)
        self.names[step["secret"]] = f"acs/ram/user/{user}"
        self.world.call(
            "CreateSecret",
            SecretName="$Auto",
            SecretType="RAMCredentials",
            VersionId="v1",
            SecretData=json.dumps({"AccessKeys": [{"AccessKeyId": key_id, "AccessKeySecret": key_secret}]}),
            ExtendedConfig={"SecretSubType": "RamUserAccessKey", "UserName": user},
            EnableAutomaticRotation=True,
            RotationInterval=step["rotation"],
        )

    def delete_access_key(self, _step):
        """The AccessKey that was seen last exists no more."""
        self.identities.ram("DeleteAccessKey", UserName=self.user, UserAccessKeyId=self.access_key_id)

    def service(self, step):
        {"away": self.proxy.refuse, "back": self.proxy.forward}[step["is"]]()

    def wait(self, step):
        time.sleep(step["seconds"])

    # Steps of the client.

    def open(self, step):
        self.closed()
        via = step.get("via", self.via)
        if "regions" in step:
            settings, options = self.world.root_settings(step["regions"]), {}
        else:
            endpoint = self.proxy and self.proxy.address
            who = step.get("as", READER)
            settings, options = self.world.settings(self.client.family, self.way, self.gateway, who, endpoint, via)
        settings.update(step.get("change", {}))
        # So that no scenario waits for the seconds that the clients wait by default.
        options["backoff"] = step.get("backoff", [2, 200, 400])
        if "ttl" in step:
            options["ttl"] = {self.name(short): age for short, age in step["ttl"].items()}
        if "file" in step:
            options["file"] = {"folder": os.path.join(self.folder, "cache"), "salt": "of the scenarios", **step["file"]}
        options.update({name: step[name] for name in ("stage", "json_ttl") if name in step})
        self.reader = Reader(self.client.command, settings, options, self.world.trust, via)
        self.gives(step, self.reader.opened, {"opened": True})

    def read(self, step):
        self.gives(step, self.asked(step["what"], step["secret"]), step["expect"])

    def asked(self, what, short):
        return self.reader.ask({"read": what, "secret": self.name(short)})

    def access_key(self, step):
        """The secret holds an AccessKey that works, another one than before or the same."""
        value = json.loads(self.asked("text", step["secret"])["value"])
        keys = {"access_key_id": value["AccessKeyId"], "access_key_secret": value["AccessKeySecret"]}
        who = CurrentClient(self.world.ready, protocol="HTTPS", **keys).call_generic("GetCallerIdentity", version="2015-04-01")
        equal(who["IdentityType"], "RAMUser", "IdentityType")
        self.seen(value["AccessKeyId"], step)

    def caller(self, step):
        """The client calls the service as the user whose AccessKey is in the secret."""
        answer = self.asked("caller", step["secret"])
        holds("caller" in answer, f"the answer is {answer}")
        equal(answer["caller"]["arn"], self.identities.arn("user", self.user), "who calls")
        self.seen(answer["caller"]["access_key_id"], step)

    def seen(self, access_key_id, step):
        equal(access_key_id != self.access_key_id, step["is"] == "new", "whether it is another AccessKey")
        self.access_key_id = access_key_id

    def burst(self, step):
        """More reads than the service takes at once: it throttles, and the client gets all of them."""
        began = time.monotonic()
        for _ in range(step["reads"]):
            self.gives(step, self.asked("refresh", step["secret"]), {"refreshed": True})
        holds(time.monotonic() - began > step["seconds"], "the service did not throttle")

    def gives(self, step, answer, expected):
        """What is expected of all clients, unless the step has a word for this one."""
        for name in (self.client.name, self.client.family):
            if name in step.get("unless", {}):
                expected = step["unless"][name]["expect"]
        expected = self.filled(expected)
        if "wrong" in expected:
            holds("fault" in answer, f"the answer is {answer}, expected a fault of the call")
        elif "away" in expected:
            holds("fault" in answer, f"the answer is {answer}, expected that the service is away")
        elif "code" in expected:
            equal(answer.get("code"), expected["code"], f"the code in {answer}")
        elif "info" in expected:
            info = answer.get("info")
            holds(info, f"the answer is {answer}")
            equal({name: info.get(name) for name in expected["info"]}, expected["info"], "the answer")
        else:
            equal(answer, expected, "the answer")

    def closed(self, _step=None):
        if self.reader:
            self.reader.end()
            self.reader = None
