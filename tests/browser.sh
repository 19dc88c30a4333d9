#!/bin/sh
# Prints the browser that tests and benchmarks drive, or says in a sentence how to get one.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    path=$(command -v "$name") || continue
    # Ubuntu's is a snap, or a script that starts one: it sees neither /tmp nor a folder that begins with a dot.
    case $(readlink -f "$path") in */snap) continue ;; esac
    if grep -qs /snap/bin "$path"; then continue; fi
    echo "$path"
    exit
done
for path in "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome; do
    if [ -x "$path" ]; then
        echo "$path"
        exit
    fi
done
echo 'The tests need a browser: install Chromium or Google Chrome, or run: .venv/bin/playwright install --with-deps chromium' >&2
exit 1
