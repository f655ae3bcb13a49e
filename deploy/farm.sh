#!/bin/sh
# farm.sh COMMAND [ARGS]: a command on the farm of compose.yaml. The farm's addresses come last, so that commands of two words work too
# (dead list, topics read …). What works on local files alone (prompt, generate, rank, grade, doctor) is started with entrypoint.sh instead.
set -eu
exec entrypoint.sh "$@" --bootstrap kafka:9092 --store /data/store
