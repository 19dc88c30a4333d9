#!/bin/sh
# Installs what `make test`, `make soak` and `make bench` need from the system, where apt can; elsewhere says what to install.
set -eu

stop() {
    echo "$*" >&2
    exit 1
}

if [ "$(uname)" != Linux ]; then
    stop 'The tests need Linux: run `make test` in a container or a virtual machine of Debian or Ubuntu.'
fi

missing=
command -v bwrap >/dev/null || missing="$missing bubblewrap"
"$(dirname "$0")/browser.sh" >/dev/null 2>&1 || missing="$missing chromium"

if ! command -v apt-get >/dev/null; then
    [ -z "$missing" ] || stop "The tests need what is not installed here:$missing. Install it with your system's package manager."
else
    # Playwright's own node.js is linked to libatomic, which the smallest systems lack.
    dpkg-query --show libatomic1 >/dev/null 2>&1 || missing="$missing libatomic1"
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
fi

if [ -n "$missing" ]; then
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        sudo=sudo
        command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; } ||
            stop "The tests need what is not installed here. As root, run: apt-get install$missing"
    fi
    echo "Installing what the tests need from the system:$missing."
    $sudo apt-get update -qq
    # Where apt has no Chromium but a snap, as on Ubuntu, `make` gets Playwright's.
    case $(apt-cache policy chromium | grep Candidate:) in
        '' | *none* | *snap*) missing=$(echo "$missing" | sed 's/ chromium//') ;;
    esac
    [ -z "$missing" ] || $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing
fi

bwrap --unshare-all --unshare-user --ro-bind / / true 2>/dev/null ||
    stop 'bubblewrap cannot build its sandbox here: docs/grading.md says how to allow it, on Ubuntu and in containers ("Once").'
