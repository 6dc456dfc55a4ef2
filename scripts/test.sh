#!/usr/bin/env bash
# Runs all the tests, installing first what they need beside Rust: xmllint, the independent judge of the synthetic deliveries.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v xmllint >/dev/null; then
    sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "xmllint is missing: install libxml2-utils, then run this again" >&2; exit 1; }
        sudo="sudo"
    fi
    $sudo apt-get update -q
    $sudo apt-get install -y -q --no-install-recommends libxml2-utils
fi

cargo test --locked "$@"
