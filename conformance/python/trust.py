"""Makes libraries that know only public authorities trust the server's: appends its CA to this virtual environment's
certificate bundle, and takes it out again. The bundle as it came is kept beside it."""

import contextlib
import os
import shutil

import certifi


@contextlib.contextmanager
def trusted(ca_file):
    """The server's CA is trusted within."""
    bundle = certifi.where()
    original = bundle + ".original"
    if not os.path.exists(original):
        shutil.copyfile(bundle, original)
    with open(original, encoding="utf-8") as file:
        public = file.read()
    with open(ca_file, encoding="utf-8") as own:
        write(bundle, public + "\n" + own.read())
    try:
        yield
    finally:
        write(bundle, public)


def write(bundle, text):
    # By renaming, for another run may be reading it.
    part = f"{bundle}.{os.getpid()}"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(part, bundle)
