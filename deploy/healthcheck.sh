#!/bin/sh
# healthcheck.sh [HEARTBEAT]: healthy while the process beats. One that is stopped or hangs keeps its device memory and its
# lease, and nobody else can take them: when its last beat is 15 s old it is killed, and the restart policy starts it anew.
#
# The file holds the process's id, when it started (ticks since the system booted) and when it beat (seconds since then). Only
# the process that wrote it is killed: not another Java beside it, nor one that has just started and not beaten yet.
#
# Without an argument, as the image asks: /tmp/heartbeat, and well where nothing beats there, such as a command.
heartbeat=${1:-/tmp/heartbeat}
[ $# -gt 0 ] || [ -e "$heartbeat" ] || exit 0
[ -r "$heartbeat" ] || exit 1
read -r pid started beat <"$heartbeat" || exit 1
read -r now rest </proc/uptime
age=$((${now%%.*} - ${beat%%.*}))
[ "$age" -lt 15 ] && exit 0
# After the name in brackets, which may hold blanks, the start is the 20th field.
stat=$(cat "/proc/$pid/stat" 2>/dev/null) || exit 1
# shellcheck disable=SC2086
set -- ${stat##*) }
if [ "${20:-}" = "$started" ]; then
  echo "the last heartbeat of process $pid is $age s old: killing it" >&2
  kill -9 "$pid"
fi
exit 1
