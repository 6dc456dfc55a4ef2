#!/usr/bin/env bash
# A real CAS server on loopback for the tests: django-cas-server under gunicorn, in https with a test authority and in clear beside.
#   cas-django.sh install                    installs it in a virtual environment (and python3-venv by apt when it is missing)
#   cas-django.sh run DIR [VARIANT...]       runs it until standard input ends or a signal comes
#   cas-django.sh start DIR [VARIANT...]     the same in the background; what ran in DIR before is ended first
#   cas-django.sh status DIR | stop DIR
# Once it answers, one line is printed: READY https=… http=… ca=… log=… pid=…
# Accounts and variants: cas_django/project.py. DIR is disposable; the virtual environment is kept in target/live (or $CONFORMENT_LIVE).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
live=${CONFORMENT_LIVE:-$here/../../target/live}

die() { echo "cas-django: $*" >&2; exit 1; }

apt_install() {
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "missing: $*"
        sudo=(sudo -n)
    fi
    "${sudo[@]}" apt-get update -q >&2
    "${sudo[@]}" apt-get install -y -q --no-install-recommends "$@" >&2
}

# The environment is that of these very requirements: others make another one.
install() {
    local sum
    mkdir -p "$live"
    sum=$(sha256sum "$here/cas_django/requirements.txt" | cut -c1-12)
    venv=$(cd "$live" && pwd)/cas-django-$sum
    exec 9>"$live/cas-django.lock"
    flock 9
    if [ ! -e "$venv/complete" ]; then
        local needed=()
        python3 -c 'import ensurepip, venv' 2>/dev/null || needed+=(python3 python3-venv)
        command -v openssl >/dev/null || needed+=(openssl)
        [ ${#needed[@]} -eq 0 ] || apt_install "${needed[@]}"
        python3 -m venv --clear "$venv" >&2
        "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/cas_django/requirements.txt" >&2
        touch "$venv/complete"
    fi
    exec 9>&-
}

# What started DIR/pid, unless the number went to another process since.
running() {
    local pid
    pid=$(cat "$1/pid" 2>/dev/null) && [ -e "/proc/$pid/cmdline" ] || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "serve.py $1 " && echo "$pid"
}

stop() {
    local pid
    if pid=$(running "$1"); then
        kill -TERM "$pid"
        for _ in $(seq 100); do
            running "$1" >/dev/null || break
            sleep 0.1
        done
        running "$1" >/dev/null && die "process $pid does not end"
    fi
    rm -f "$1/pid" "$1/ready"
}

command=${1:-}
case $command in
    install) install; exit ;;
    run | start | status | stop) [ -n "${2:-}" ] || die "$command: a directory is expected" ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
mkdir -p "$2"
dir=$(cd "$2" && pwd)
shift 2
case $command in
    stop) stop "$dir" ;;
    status) if pid=$(running "$dir"); then cat "$dir/ready"; else echo "not running"; exit 3; fi ;;
    run)
        install
        stop "$dir"
        exec "$venv/bin/python" -B "$here/cas_django/serve.py" "$dir" run "$@"
        ;;
    start)
        install
        stop "$dir"
        setsid "$venv/bin/python" -B "$here/cas_django/serve.py" "$dir" start "$@" </dev/null >"$dir/start.log" 2>&1 &
        for _ in $(seq 300); do
            [ -e "$dir/ready" ] && { cat "$dir/ready"; exit 0; }
            kill -0 $! 2>/dev/null || break
            sleep 0.1
        done
        cat "$dir/start.log" >&2
        die "it did not start"
        ;;
esac
