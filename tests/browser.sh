#!/usr/bin/env bash
# Installs a Chromium and a Chinese font for the browser tests, where there is none: with apt, as root.
# The tests run it themselves; without a browser they are skipped and say so.
set -euo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done

[ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || { echo 'No Chromium was found, and only root can install it with apt.' >&2; exit 1; }
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-droid-fallback fonts-liberation
