#!/bin/sh
# Runs the Java SDK of KMS instances against the server of READY_FILE.
language=instance-java
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need java

sources=$here/src/main/java/keystead/conformance/instance
build=$cache_root/instance-java-$(hash_of "$here/pom.xml" "$sources"/*.java)
if [ ! -e "$build/.complete" ]; then
    need mvn
    rm -rf "$build"
    mkdir -p "$build"
    # Without a network first: nothing is asked of any repository once the libraries are there.
    set -- --quiet --batch-mode --file "$here/pom.xml" "-Dconformance.build=$build" process-classes
    mvn --offline "$@" >"$build/offline.log" 2>&1 || mvn "$@" >&2
    touch "$build/.complete"
fi

seal_environment
java -Dfile.encoding=UTF-8 -cp "$build/classes:$build/lib/*" keystead.conformance.instance.Main "$ready_file"
