# Makes $build, with the classes and libraries of the reader in $1: `. build.sh` after `common.sh`. Not a program of its own.

java_reader() {
    build=$cache_root/secrets-java-$(hash_of "$1/pom.xml" "$1/src/main/java/keystead/conformance/secrets"/*.java)
    [ ! -e "$build/.complete" ] || return 0
    need mvn
    rm -rf "$build"
    mkdir -p "$build"
    # Without a network first: nothing is asked of any repository once the libraries are there.
    set -- --quiet --batch-mode --file "$1/pom.xml" "-Dconformance.build=$build" process-classes
    mvn --offline "$@" >"$build/offline.log" 2>&1 || mvn "$@" >&2
    touch "$build/.complete"
}
