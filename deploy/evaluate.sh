#!/bin/sh
# evaluate.sh [RUN]: measures the videos of a run below /outputs by published metrics (default: the latest run), each with the prompt
# and the image of its sample, and writes the figures to /outputs/RUN/evaluation. What is there already stays; remove the folder to
# measure again.
set -eu
filled() { [ -n "$(ls -A "$1" 2>/dev/null)" ]; }

outputs=${REELRANK_OUTPUTS:-/outputs}
samples=/samples
filled "$samples" || samples=/opt/reelrank/samples
run=${1:-}
if [ -z "$run" ]; then
  for folder in "$outputs"/*/; do
    [ -f "$folder/report.json" ] || continue
    if [ -z "$run" ] || [ "$folder/report.json" -nt "$outputs/$run/report.json" ]; then run=$(basename "$folder"); fi
  done
fi
[ -n "$run" ] && [ -d "$outputs/$run" ] || {
  echo "no run '$run' in $outputs: start one first, or name one of: $(ls "$outputs")" >&2
  exit 2
}
results=$outputs/$run/evaluation
mkdir -p "$results"
graded=0
for video in "$outputs/$run"/*.mp4; do
  id=$(basename "$video" .mp4)
  [ -f "$results/$id.json" ] && continue
  image=
  for suffix in png jpg jpeg webp; do
    [ ! -f "$samples/images/$id.$suffix" ] || image=$samples/images/$id.$suffix
  done
  [ -n "$image" ] && [ -f "$samples/prompts/$id.txt" ] || {
    echo "$video belongs to no sample of $samples: mount the dataset of the run" >&2
    exit 2
  }
  set -- evaluate --json --reference "$image" --prompt "$(cat "$samples/prompts/$id.txt")"
  [ ! -f "$samples/subjects/$id.txt" ] || set -- "$@" --subject "$(cat "$samples/subjects/$id.txt")"
  ! filled /models || set -- "$@" --models /models
  entrypoint.sh "$@" "$video" >"$results/$id.json.new"
  mv "$results/$id.json.new" "$results/$id.json"
  graded=$((graded + 1))
done
echo "$graded videos of $run measured; the figures are in $results"
