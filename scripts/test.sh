#!/usr/bin/env bash
# Runs all the tests, installing first what they need beside Rust: a linker, xmllint, the independent judge of the synthetic
# deliveries, openssl, which still speaks the TLS that must be refused, a directory server (not started), and a real CAS server, in a
# virtual environment of Python under target/live. Arguments go to `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v xmllint >/dev/null || missing+=(libxml2-utils)
command -v openssl >/dev/null || missing+=(openssl)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
[ -x /usr/sbin/slapd ] && command -v ldapsearch >/dev/null || missing+=(slapd ldap-utils)
if [ ${#missing[@]} -gt 0 ]; then
    sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "missing: ${missing[*]}; install them, then run this again" >&2; exit 1; }
        sudo=(sudo)
    fi
    "${sudo[@]}" apt-get update -q
    # RUNLEVEL=1: no service is started by its installation.
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# Where it cannot be had, the tests that need it say that they were passed over; in CI they fail.
scripts/live/cas-django.sh install || echo "django-cas-server is not installed: the tests of the live audit will be passed over" >&2

cargo test --locked "$@"
