#!/bin/sh
# Plays the scenarios of secrets with the official Java client against the server of READY_FILE.
language=secrets-java
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
. "$here/../secrets/play.sh"
need java python3

java_classes secrets-java "$here" keystead/conformance/secrets
# The first compiler alone, for a play takes little longer than its program does to start.
java="java -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8"
play_scenarios "java-v1=$java -cp $build/classes:$build/lib/* keystead.conformance.secrets.Reader"
