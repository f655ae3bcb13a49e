#!/bin/sh
# Starts a reelrank command: the arguments are those of the launcher. Without a command it runs everything, on the mounts
# /models (a models folder or a hub cache; without it the small bundled ones), /samples (a dataset, read-only; without it
# the bundled samples) and /outputs.
set -eu
# Java reads paths and arguments by the locale.
export LC_ALL="${LC_ALL:-C.UTF-8}"

filled() { [ -n "$(ls -A "$1" 2>/dev/null)" ]; }

# given OPTION ARGUMENTS…: whether the user has given it.
given() {
  option=$1
  shift
  for argument; do
    case $argument in "$option" | "$option"=*) return 0 ;; esac
  done
  return 1
}

case ${1:-} in
  -h | --help | -V | --version) ;;
  "" | -*)
    set -- run "$@"
    given --out "$@" || set -- "$@" --out /outputs
    if ! given --dataset "$@" && filled /samples; then set -- "$@" --dataset /samples; fi
    if filled /models; then
      given --models "$@" || set -- "$@" --models /models
      # An empty REELRANK_PRESET is none.
      preset=${REELRANK_PRESET-final}
      [ -z "$preset" ] || given --preset "$@" || given --config "$@" || set -- "$@" --preset "$preset"
    fi
    if ! [ -w /outputs ] && given /outputs "$@"; then
      echo "user $(id -u) may not write /outputs: give it the mounted folder (chown 10001), or start as its owner (--user)" >&2
      exit 4
    fi
    ;;
esac

# shellcheck disable=SC2086
set -- java -Xms32m "-Xmx${REELRANK_HEAP:-2g}" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED \
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
