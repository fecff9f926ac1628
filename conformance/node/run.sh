#!/bin/sh
# Runs the Node SDKs (V3 and V1) against the server of READY_FILE.
language=node
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need node npm

packages=$cache_root/node-$(hash_of "$here/package.json" "$here/package-lock.json")
if [ ! -e "$packages/.complete" ]; then
    rm -rf "$packages"
    mkdir -p "$packages"
    cp "$here/package.json" "$here/package-lock.json" "$packages"
    (cd "$packages" && npm ci --silent --no-audit --no-fund --ignore-scripts --omit=dev) >&2
    touch "$packages/.complete"
fi

seal_environment
# The V1 client has no setting for a certificate authority, but Node itself has.
export NODE_EXTRA_CA_CERTS="$(field ca_file)"
export KEYSTEAD_CONFORMANCE_PACKAGES="$packages"
node --no-deprecation "$here/run.mjs" "$ready_file"
