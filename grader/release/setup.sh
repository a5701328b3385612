#!/usr/bin/env bash
# Gradescope calls this once, when it builds the container's image.
set -euo pipefail
ROOT="${AUTOGRADER_ROOT:-/autograder}"
SOURCE="$ROOT/source"
PYTHON="${GRADER_PYTHON:-}"
if [ -z "$PYTHON" ]; then
  apt-get update
  apt-get install -y --no-install-recommends python3 python3-venv python3-pip
  python3 -m venv "$ROOT/venv"
  PYTHON="$ROOT/venv/bin/python"
  cd "$SOURCE"
  CONSTRAINTS=()
  if [ -f constraints.txt ]; then CONSTRAINTS=(-c constraints.txt); fi
  "$PYTHON" -m pip install "${CONSTRAINTS[@]}" .
fi
# Student code runs as another process of this machine: what is graded with is not for its eyes.
chmod -R go-rwx "$SOURCE"
"$PYTHON" -P -m grader models --course "$SOURCE/assignments"
