"""Makes libraries that know only public authorities trust the server's: appends its CA to this virtual environment's
certificate bundle. The bundle as it came is kept beside it, so that a run leaves nothing of the ones before."""

import os
import shutil

import certifi


def trust(ca_file):
    bundle = certifi.where()
    original = bundle + ".original"
    if not os.path.exists(original):
        shutil.copyfile(bundle, original)
    with open(original, encoding="utf-8") as public, open(ca_file, encoding="utf-8") as own:
        text = public.read() + "\n" + own.read()
    # By renaming, for another run may be reading it.
    part = f"{bundle}.{os.getpid()}"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(part, bundle)
