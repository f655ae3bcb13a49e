#!/bin/sh
# farm.sh COMMAND [ARGS]: a command on the farm of compose.yaml.
set -eu
command=$1
shift
exec entrypoint.sh "$command" --bootstrap kafka:9092 --store /data/store "$@"
