#!/bin/sh
# Starts a reelrank command: the arguments are those of the launcher.
set -eu
# Java reads paths and arguments by the locale.
export LC_ALL="${LC_ALL:-C.UTF-8}"
# shellcheck disable=SC2086
set -- java "-Xmx${REELRANK_HEAP:-2g}" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED \
  -Djava.awt.headless=true -Dai.djl.onnx.disable_alternative=true -Dreelrank.home=/opt/reelrank "-Dorg.bytedeco.javacpp.cachedir=$HOME/.javacpp" ${REELRANK_JAVA_OPTS:-} \
  -cp "/opt/reelrank/reelrank-cli.jar:/opt/reelrank/lib/*" dev.reelrank.cli.Main "$@"
[ -n "${REELRANK_SERVICE:-}" ] || exec "$@"

# As a service: a restart policy sees one exit code only, so what another start cannot mend ends with 0.
"$@" &
java=$!
trap 'kill -TERM "$java"' TERM INT
code=0
wait "$java" || code=$?
# A signal ends the first wait, not the process.
while kill -0 "$java" 2>/dev/null; do
  code=0
  wait "$java" || code=$?
done
case $code in
  2 | 3)
    echo "ended with code $code: mend the configuration or the models, then start the service again" >&2
    exit 0
    ;;
esac
exit "$code"
