#!/bin/sh
# Makes .venv and installs Dormouse into it: install.sh runtime|dev. Does nothing when that is up to date.
# PYTHON names the interpreter to use; without it, the newest python >= 3.11 on PATH that can make an environment.
set -eu

kind=${1:-runtime}
venv=.venv
log=$venv/install.log
case $kind in
runtime) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;;
*) echo "usage: install.sh runtime|dev" >&2; exit 2 ;;
esac

# What the environment depends on; the folder too, because an environment can't be moved.
wanted() { { cat "$1" pyproject.toml core/version.py; pwd; } | cksum; }
if [ "$(cat "$venv/.installed-$kind" 2>/dev/null)" = "$(wanted "$lock")" ] && "$venv/bin/python" -c '' 2>/dev/null; then
    exit 0
fi

started=$(date +%s)
seconds() { echo "$(($(date +%s) - started)) s"; }

fail() {
    echo "dormouse: $1" >&2
    exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Prints the interpreter to use. Asks each candidate, because a name on PATH may be a mere shim.
find_python() {
    without_venv=
    set -- python3.14 python3.13 python3.12 python3.11 python3 python
    [ -z "${PYTHON:-}" ] || set -- "$PYTHON"
    for candidate in "$@"; do
        new_enough "$candidate" || continue
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$candidate"
            return
        fi
        without_venv=${without_venv:-$candidate}
    done
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "$without_venv lacks the venv module. On Debian and Ubuntu: apt install python$version-venv (or python3-venv)"
    fi
    fail "needs Python 3.11 or newer${PYTHON:+ (PYTHON=$PYTHON is not)}; none was found on PATH. Install it, or name it: make PYTHON=/path/to/python3.12 run"
}

# Runs pip with its output in the log, and shows every few seconds how far it is.
pip_install() {
    label=$1
    total=$2
    shift 2
    "$venv/bin/python" -m pip --disable-pip-version-check --no-input install "$@" >>"$log" 2>&1 &
    pip=$!
    trap 'kill $pip 2>/dev/null; exit 130' INT TERM
    waited=0
    while kill -0 $pip 2>/dev/null; do
        sleep 1
        waited=$((waited + 1))
        if [ $((waited % 5)) -eq 0 ] && [ "$total" -gt 1 ]; then
            if grep -q '^Installing collected' "$log"; then
                echo "  $label: unpacking ($(seconds))"
            else
                echo "  $label: $(grep -c '^Collecting \|^Requirement already' "$log") of about $total ($(seconds))"
            fi
        fi
    done
    code=0
    wait $pip || code=$?
    trap - INT TERM
    if [ $code -ne 0 ]; then
        grep -v "^WARNING\|^Looking in\|^Looking for\|^  Downloading\|^Collecting" "$log" | tail -12 >&2
        fail "installing $label failed; all of pip's output is in $log"
    fi
}

[ ! -d "$venv" ] || new_enough "$venv/bin/python" || rm -rf "$venv"
if [ ! -x "$venv/bin/python" ] || [ ! -x "$venv/bin/pip" ]; then
    python=$(find_python)
    "$python" -m venv --clear "$venv" >/dev/null || fail "$python could not make the environment $venv"
fi
echo "  $("$venv/bin/python" --version) ($(seconds))"

rm -f "$venv"/.installed-*
: >"$log"
pip_install packages "$(grep -c '^[a-zA-Z0-9].*==' "$lock")" --require-hashes -r "$lock"
pip_install Dormouse 1 --no-deps --no-build-isolation -e .
wanted "$lock" >"$venv/.installed-$kind"
[ "$kind" = runtime ] || wanted requirements.lock >"$venv/.installed-runtime" # the dev lock holds the runtime's too
echo "  packages and Dormouse are installed ($(seconds))"
