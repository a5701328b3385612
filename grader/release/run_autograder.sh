#!/usr/bin/env bash
# Gradescope calls this for every submission: work in submission/, the result in results/results.json.
set -uo pipefail
ROOT="${AUTOGRADER_ROOT:-/autograder}"
SOURCE="$ROOT/source"
PYTHON="${GRADER_PYTHON:-$ROOT/venv/bin/python}"
export GRADER_CACHE="$SOURCE/cache" PYTHONSAFEPATH=1 PYTHONUTF8=1 HF_HUB_OFFLINE=1
if [ -f "$SOURCE/secret" ]; then export GRADER_SECRET_FILE="$SOURCE/secret"; fi
mkdir -p "$ROOT/results"
cd "$ROOT/results"
"$PYTHON" -m grader autograde "$ROOT" --course "$SOURCE/assignments" {options}
code=$?
if [ ! -s "$ROOT/results/results.json" ]; then
  # The grader itself could not work: no mark, and the reason for the staff only, above in standard output.
  printf '%s\n' '{"output": "The autograder could not run. 批改程序没有运行起来，请联系老师。", "stdout_visibility": "hidden", "tests": []}' \
    > "$ROOT/results/results.json"
fi
exit "$code"
