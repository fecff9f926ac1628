#!/bin/sh
# Runs the Java SDK against the server of READY_FILE.
language=java
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need java

java_classes java "$here" keystead/conformance

seal_environment
java -Dfile.encoding=UTF-8 -cp "$build/classes:$build/lib/*" keystead.conformance.Main "$ready_file" "$here/../../docs/operations/README.md"
