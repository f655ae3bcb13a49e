#!/usr/bin/env bash
# A small VGGT from rendered rooms to the folder of models, on one GPU:  run.sh STAGE [OPTION VALUE …]
#
#   train     renders, trains, measures and exports; ends in time, and the same command goes on where it ended
#   judge     figures of the exported weights by `reelrank bench geometry`, on held-out rooms
#   publish   weights and card into the folder of models, if the figures are good enough
#   all       one after the other; train is called until it is finished
#
#   --work DIR       rooms, state and results (default target/vggt)
#   --seconds S      of training, in all calls together (default 850)
#   --minutes M      of one call of train (default 9)
#   --java FILE      a Java runtime for rendering, java.base is enough; modules/testbed must be built (default java)
#   --python FILE    with torch and numpy (default python3)
#   --models DIR     the folder of models that publish writes to (default models/testbed)
#   --device D       that judge computes on (default cpu)
#   --scenes N       held-out rooms that judge looks at (default 256)
#   --train "…"      further arguments of train.py
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../../.."
here=modules/testbed/training/vggt
stage=${1:-}
[ $# -eq 0 ] || shift
work=target/vggt seconds=850 minutes=9 java=java python=python3 models=models/testbed device=cpu scenes=256 more=
while [ $# -gt 1 ]; do
  case $1 in
    --work) work=$2 ;; --seconds) seconds=$2 ;; --minutes) minutes=$2 ;; --java) java=$2 ;; --python) python=$2 ;;
    --models) models=$2 ;; --device) device=$2 ;; --scenes) scenes=$2 ;; --train) more=$2 ;;
    *) echo "run.sh: no option $1; its first lines list them" >&2; exit 2 ;;
  esac
  shift 2
done
[ $# -eq 0 ] || { echo "run.sh: $1 has no value" >&2; exit 2; }

train() {
  mkdir -p "$work/rooms"
  # shellcheck disable=SC2086  # several arguments
  "$python" -u $here/train.py --java "$java" --data "$work/rooms" --out "$work/state" --weights "$work/weights" --parts \
    --seconds "$seconds" --minutes "$minutes" $more
}

judge() {
  mkdir -p "$work/joined"
  cat "$work"/weights/model.safetensors.part* > "$work/joined/model.safetensors"
  cp "$work/weights/config.json" "$work/weights/metrics.json" "$work/joined/"
  for split in validation test; do
    ./reelrank bench geometry --result truth --model "vggt=$work/joined" --device "$device" --split $split --scenes "$scenes" \
      --json "$work/joined/truth-$split.json"
  done
}

publish() {
  "$python" $here/publish.py "$work/joined" "$models"
}

case $stage in
  train | judge | publish) $stage ;;
  all)
    until [ -f "$work/state/finished.json" ]; do train; done
    judge
    publish
    ;;
  *) sed -n '2,19s/^# \{0,1\}//p' $here/run.sh; exit 2 ;;
esac
