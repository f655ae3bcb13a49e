#!/bin/sh
# Starts a reelrank command: the arguments are those of the launcher.
set -eu
# shellcheck disable=SC2086
exec java "-Xmx${REELRANK_HEAP:-2g}" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED \
  -Djava.awt.headless=true -Dai.djl.onnx.disable_alternative=true -Dreelrank.home=/opt/reelrank ${REELRANK_JAVA_OPTS:-} \
  -cp "/opt/reelrank/reelrank-cli.jar:/opt/reelrank/lib/*" dev.reelrank.cli.Main "$@"
