#!/bin/sh
# Runs the Java SDK of KMS instances against the server of READY_FILE.
language=instance-java
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need java

java_classes instance-java "$here" keystead/conformance/instance

seal_environment
java -Dfile.encoding=UTF-8 -cp "$build/classes:$build/lib/*" keystead.conformance.instance.Main "$ready_file"
