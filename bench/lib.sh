# shellcheck shell=bash
# Shared by the commands in this directory: builds the test classes when they are older than the sources, finds the JDK and
# the class path through ./mvnw, and runs a main class.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly CLASSPATH_FILE=target/bench.classpath
readonly STAMP=target/bench.stamp

build() {
    if [[ -f $STAMP && -f $CLASSPATH_FILE && -z $(find pom.xml src -newer "$STAMP" -print -quit) ]]; then
        return
    fi
    echo "building ..." >&2
    ./mvnw -q -B --no-transfer-progress test-compile \
        org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath \
        -Dmdep.includeScope=test -Dmdep.outputFile="$CLASSPATH_FILE" >&2
    touch "$STAMP"
}

# Builds the runnable gateway, for commands that start one.
package() {
    if [[ -f target/quarkus-app/quarkus-run.jar && -z $(find pom.xml src/main -newer target/quarkus-app/quarkus-run.jar -print -quit) ]]; then
        return
    fi
    echo "packaging ..." >&2
    ./mvnw -q -B --no-transfer-progress package -DskipTests >&2
}

# As many open files as may be, for commands that hold thousands of connections; they say themselves when it is too few.
raise_file_limit() {
    ulimit -Sn "$(ulimit -Hn)"
}

# run CLASS ARGUMENTS...
run() {
    local home main=$1
    shift
    build
    home=$(./mvnw -v | sed -n 's/^Java version:.*runtime: //p')
    exec "$home/bin/java" -Xmx1g -XX:+UseSerialGC -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -cp "target/test-classes:target/classes:$(cat "$CLASSPATH_FILE")" "io.lockgate.bench.$main" "$@"
}
