#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# list-sources.sh DIR PATTERN: the files of a folder that match, one a line, sorted.
set -eu
cd "$1"
for f in $2; do
	[ -e "$f" ] && printf '%s\n' "$f"
done | LC_ALL=C sort
