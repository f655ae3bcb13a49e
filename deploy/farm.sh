#!/bin/sh
# farm.sh COMMAND [ARGS]: a command on the farm of compose.yaml, or on the one that REELRANK_FARM addresses. The farm's addresses come
# last, so that commands of two words work too (dead list, topics read …). What works on local files alone (prompt, generate, rank,
# grade, doctor) is started with entrypoint.sh instead.
set -eu
# shellcheck disable=SC2086
exec entrypoint.sh "$@" ${REELRANK_FARM:---bootstrap kafka:9092 --store /data/store}
