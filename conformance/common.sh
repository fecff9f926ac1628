# Shared by the <language>/run.sh scripts: `. ../common.sh`. Not a program of its own.
#
# Wants:  $language (set by the caller) and the ready file as $1.
# Gives:  $here, $ready_file, need, hash_of, python_environment, cache_root, and an environment in which stock
#         credential chains find the server's AccessKey and nothing else.

set -eu

[ $# -eq 1 ] || { echo "usage: conformance/$language/run.sh READY_FILE" >&2; exit 2; }
[ -r "$1" ] || { echo "The ready file '$1' cannot be read." >&2; exit 2; }
ready_file=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cache_root=${KEYSTEAD_CONFORMANCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/keystead/conformance}

# need TOOL...: ends with 77 ("skipped") when a tool is missing.
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null 2>&1 || {
            echo "Skipped: the $language conformance script needs '$tool', which is not installed."
            exit 77
        }
    done
}

# hash_of FILE...: a short name for the contents of the files (and of $salt, if set).
hash_of() {
    { printf '%s' "${salt:-}"; cat "$@"; } |
        if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -c1-16
}

# python_environment REQUIREMENTS: makes $venv hold what is listed there; scripts with the same list share it.
python_environment() {
    salt=$(python3 --version)
    venv=$cache_root/python-$(hash_of "$1")
    [ ! -e "$venv/.complete" ] || return 0
    rm -rf "$venv"
    mkdir -p "$cache_root"
    python3 -m venv "$venv" >/dev/null 2>&1 || {
        rm -rf "$venv"
        echo "Skipped: the $language conformance script needs python3 with its 'venv' module, which is not installed."
        exit 77
    }
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check install --requirement "$1" >&2
    touch "$venv/.complete"
}

# java_classes NAME FOLDER PACKAGE: sets $build, a folder with the classes of FOLDER's package and their libraries.
java_classes() {
    build=$cache_root/$1-$(hash_of "$2/pom.xml" "$2/src/main/java/$3"/*.java)
    [ ! -e "$build/.complete" ] || return 0
    need mvn
    rm -rf "$build"
    mkdir -p "$build"
    # Without a network first: nothing is asked of any repository once the libraries are there.
    set -- --quiet --batch-mode --file "$2/pom.xml" "-Dconformance.build=$build" process-classes
    mvn --offline "$@" >"$build/offline.log" 2>&1 || mvn "$@" >&2
    touch "$build/.complete"
}

# field NAME: a top-level string of the ready file; empty when it is null or absent.
field() {
    tr -d '\n' <"$ready_file" | sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]*\)\".*/\1/p"
}

# Leaves the SDKs nothing but the server's own AccessKey, and no proxy on the way to it.
# Call it after the downloads.
seal_environment() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/keystead-conformance.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    if [ -n "${KEYSTEAD_ROOT_ACCESS_KEY_ID:-}" ]; then
        credentials_file=$scratch/credentials.ini
        (umask 077 && printf '[default]\ntype = access_key\naccess_key_id = %s\naccess_key_secret = %s\nenable = true\n' \
            "$KEYSTEAD_ROOT_ACCESS_KEY_ID" "$KEYSTEAD_ROOT_ACCESS_KEY_SECRET" >"$credentials_file")
    else
        credentials_file=$(field access_key_file)
        [ -r "$credentials_file" ] || {
            echo "The ready file names no readable access_key_file, and KEYSTEAD_ROOT_ACCESS_KEY_ID is not set." >&2
            exit 2
        }
    fi
    for name in $(env | sed -n 's/^\(ALIBABA_CLOUD_[A-Z0-9_]*\)=.*/\1/p') \
        HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy DEBUG; do
        unset "$name"
    done
    export ALIBABA_CLOUD_CREDENTIALS_FILE="$credentials_file"
    export ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true
    export ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
}
