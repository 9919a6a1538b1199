#!/usr/bin/env bash
# Runs once, when Gradescope builds the image: installs the judge into an environment of its own.
#
# The zip that is uploaded holds, at its root: setup.sh, run_autograder, pyproject.toml, constraints.txt, README.md,
# LICENSE, judge/, reference/ and cases/ (see README.md beside this file).
set -euo pipefail

root="${AUTOGRADER_ROOT:-/autograder}"

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if new_enough "$name"; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

if ! python="$(find_python)"; then
    apt-get update
    apt-get install -y python3.11 python3.11-venv
    python="$(find_python)"
fi

if [ ! -x "$root/venv/bin/python" ]; then
    "$python" -m venv "$root/venv" || {
        apt-get update
        apt-get install -y "$(basename "$(readlink -f "$python")")-venv"
        "$python" -m venv --clear "$root/venv"
    }
fi
# The versions that the expected values were recorded with; without the file, the newest that fit.
constraints=()
[ -f "$root/source/constraints.txt" ] && constraints=(-c "$root/source/constraints.txt")
"$root/venv/bin/python" -m pip install "${constraints[@]}" "$root/source"

# The learner's code runs confined, but the exercise's secrets need not be readable to begin with.
chmod -R go-rwx "$root/source"

# Says how strongly submissions are confined on this machine; the log of the image's build shows it.
cd "$root/source" && "$root/venv/bin/judge" doctor || echo "Below 'good' nothing is graded here."

# Every submission is graded in a fresh container: what is compiled here is in all of them, and kept beside the
# exercise, since it is not certain that both scripts have the same home folder. Without it grading is right as well, and slower.
XDG_CACHE_HOME="$root/cache" "$root/venv/bin/judge" prepare --exercise "$root/source" || echo "Nothing was compiled."
