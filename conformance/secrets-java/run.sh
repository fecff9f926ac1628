#!/bin/sh
# Plays the scenarios of secrets with the official Java client against the server of READY_FILE.
language=secrets-java
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
. "$here/../secrets/play.sh"
need java python3

sources=$here/src/main/java/keystead/conformance/secrets
build=$cache_root/secrets-java-$(hash_of "$here/pom.xml" "$sources"/*.java)
if [ ! -e "$build/.complete" ]; then
    need mvn
    rm -rf "$build"
    mkdir -p "$build"
    # Without a network first: nothing is asked of any repository once the libraries are there.
    set -- --quiet --batch-mode --file "$here/pom.xml" "-Dconformance.build=$build" process-classes
    mvn --offline "$@" >"$build/offline.log" 2>&1 || mvn "$@" >&2
    touch "$build/.complete"
fi

# The first compiler alone, for a play takes little longer than its program does to start.
java="java -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8"
play_scenarios "java-v1=$java -cp $build/classes:$build/lib/* keystead.conformance.secrets.Reader"
