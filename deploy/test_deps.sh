#!/bin/sh
# Installs what the tests use and this machine lacks: redis-server, PostgreSQL, Chromium, linters. Debian and Ubuntu, as root.
# Starts no service and makes no database cluster: the tests run private servers of their own.
# With --if-root it does nothing, without complaint, where it can't.
set -eu

have_postgres() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
have_chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

missing=
command -v redis-server >/dev/null || missing="$missing redis-server"
have_postgres || missing="$missing postgresql"
have_chromium || missing="$missing chromium fonts-dejavu-core"
for program in shellcheck caddy; do
    command -v $program >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    [ "${1:-}" != --if-root ] || exit 0
    echo "Missing for the tests:$missing. Install them with your system's package manager," >&2
    echo "or on Debian and Ubuntu run: sudo make test-deps" >&2
    exit 1
fi

policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/dormouse-tests.conf
log=$(mktemp)
[ ! -e "$policy" ] || mv "$policy" "$policy.before-dormouse"
put_back() {
    rm -f "$policy" "$cluster" "$log"
    [ ! -e "$policy.before-dormouse" ] || mv "$policy.before-dormouse" "$policy"
}
trap put_back EXIT
trap 'exit 130' INT TERM

# The package scripts ask this file before they start a service; 101 means "not allowed".
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod +x "$policy"
mkdir -p "$(dirname "$cluster")"
echo 'create_main_cluster = false' >"$cluster"

echo "  installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # $missing is a list of words
if { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1; then
    echo "  installed:$missing"
else
    tail -5 "$log" >&2
    echo "  could not install:$missing. What needs them will be skipped." >&2
    [ "${1:-}" = --if-root ]
fi
