#!/bin/sh
# healthcheck.sh HEARTBEAT: healthy while the file is touched. A process that is stopped or hangs keeps its device memory and its lease, and
# nobody else can take them: when its heartbeat is 15 s old it is killed, and the restart policy starts it anew.
heartbeat=$1
[ -e "$heartbeat" ] || exit 1
age=$(($(date +%s) - $(stat -c %Y "$heartbeat")))
[ "$age" -lt 15 ] && exit 0
echo "heartbeat is $age s old: killing the worker" >&2
rm -f "$heartbeat"
for comm in /proc/[0-9]*/comm; do
  if [ "$(cat "$comm" 2>/dev/null)" = java ]; then
    pid=${comm#/proc/}
    kill -9 "${pid%/comm}"
  fi
done
exit 1
