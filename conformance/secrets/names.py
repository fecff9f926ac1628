"""The world with the vendor's own names and addresses, in a network of its own: names.py KEYSTEAD_BINARY NAME=COMMAND...

Clients are configured there as anywhere: a region's id leads to `kms.<region>.aliyuncs.com` at port 443, roles come from
`sts.aliyuncs.com` or from the metadata at 100.100.100.200, an instance is `<id>.cryptoservice.kms.aliyuncs.com`, and the
system's `ping` measures which region is near. Prints a line for each check, `ok   name` or `FAIL name: why`.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

METADATA = "100.100.100.200"
HERE, INSTANCES, THROTTLED, REFUSING = "10.77.0.1", "10.77.0.2", "10.77.0.3", "10.77.0.4"
# This one is not there: who pings it is told so at once.
NOWHERE = "10.77.1.1"
NAMES = {
    HERE: ["kms.cn-hangzhou.aliyuncs.com", "kms-vpc.cn-hangzhou.aliyuncs.com", "sts.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com"],
    THROTTLED: ["kms.cn-shanghai.aliyuncs.com"],
    REFUSING: ["kms.cn-beijing.aliyuncs.com"],
    NOWHERE: ["kms.cn-shenzhen.aliyuncs.com"],
}
OIDC = """
[oidc]
any_issuer = false

[oidc.issuers."https://issuer.conformance.example"]
jwks_file = "{folder}/oidc-keys.json"
"""
# Reads of secrets in a second.
QUOTAS = """
[quotas]
enabled = true

[quotas.limits]
secret_reads = 1
"""


def enter(harness, pid, clients):
    """Runs this program in a network namespace, where that is possible, and counts its checks; else gives the reason."""
    unshare = ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    try:
        able = subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
        able = able and subprocess.run(["ping", "-V"], capture_output=True).returncode == 0
    except FileNotFoundError:
        able = False
    if not able or not os.path.exists(f"/proc/{pid}/exe"):
        return "the vendor's own names need Linux, iproute2, iputils-ping and the right to a network namespace"
    binary = os.readlink(f"/proc/{pid}/exe")
    run = subprocess.run([*unshare, sys.executable, __file__, binary, *clients], capture_output=True, text=True)
    for line in run.stdout.splitlines():
        harness.check(line[5:], lambda line=line: require(line.startswith("ok "), line))
    harness.check("the world with the vendor's own names ends well", lambda: require(
        run.returncode == 0 and run.stdout.strip(), f"{run.stdout[-300:]} {run.stderr[-900:]}"
    ))
    return None


def require(condition, text):
    if not condition:
        raise AssertionError(text)


def network(folder):
    """Addresses on the loopback device, and a hosts file that only this namespace sees."""
    hosts = Path(folder, "hosts")
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {' '.join(names)}\n" for address, names in NAMES.items()))
    commands = [["ip", "link", "set", "lo", "up"], ["mount", "--bind", str(hosts), "/etc/hosts"]]
    for address in (METADATA, HERE, INSTANCES, THROTTLED, REFUSING):
        commands.append(["ip", "address", "add", f"{address}/32", "dev", "lo"])
    for command in commands:
        subprocess.run(command, check=True)
    return hosts


@contextmanager
def server(binary, folder, region, address, config, *flags):
    """A server of a region; gives its ready file."""
    os.makedirs(folder)
    ready_file = os.path.join(folder, "ready.json")
    settings = Path(folder, "server.toml")
    settings.write_text(config.format(folder=folder), encoding="utf-8")
    command = [binary, "serve", "--config", str(settings), "--data-dir", os.path.join(folder, "data"), "--region", region]
    command += ["--http", "off", "--https", f"{address}:443", "--ready-file", ready_file, *flags]
    for name in NAMES[address]:
        command += ["--tls-name", name]
    with open(os.path.join(folder, "log"), "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while not os.path.exists(ready_file):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server does not get ready: {Path(folder, 'log').read_text(encoding='utf-8')[-600:]}")
        time.sleep(0.05)
    try:
        yield ready_file
    finally:
        process.terminate()
        process.wait()


def main():
    binary, *words = sys.argv[1:]
    # One AccessKey for both regions, as an account has it.
    os.environ["KEYSTEAD_ROOT_ACCESS_KEY_ID"] = f"LTAI5t{secrets.token_hex(9)}"
    os.environ["KEYSTEAD_ROOT_ACCESS_KEY_SECRET"] = secrets.token_hex(15)
    # They read the two variables when they are made.
    from harness import Harness, Ready
    from run import clients, play
    from world import MACHINE_ROLE, World

    harness = Harness()
    with tempfile.TemporaryDirectory(prefix="keystead-names-") as folder:
        hosts = network(folder)
        flags = ["--instance", "auto", "--dedicated-listen", f"{INSTANCES}:443", "--dedicated-loopback=false"]
        flags += ["--metadata-listen", f"{METADATA}:80", "--metadata-beyond-loopback", "--metadata-role", MACHINE_ROLE]
        with (
            server(binary, f"{folder}/near", "cn-hangzhou", HERE, OIDC, *flags) as near,
            server(binary, f"{folder}/far", "cn-shanghai", THROTTLED, QUOTAS) as far,
        ):
            with open(near, encoding="utf-8") as file:
                [(instance, address)] = json.load(file)["endpoints"]["dedicated"].items()
            with hosts.open("a", encoding="utf-8") as file:
                file.write(f"{INSTANCES} {address['host'].removesuffix(':443')}\n")
            os.makedirs(f"{folder}/world")
            world = harness.check(
                f"the instance {instance} has its name", lambda: World(near, f"{folder}/world", True, [Ready(far)])
            )
            if world:
                play(harness, world, list(clients(words)))
    return 0 if harness.failed == 0 else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
