#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# configure.sh DIR OPTION...: set up a meson build folder, again where files came or went since.
set -eu
dir=$1
shift
here=$(cd "$(dirname "$0")/.." && pwd)
list=$(cd "$here" && find include src plugins emitters tests bench meson.build -name '*.[ch]' -o -name meson.build | LC_ALL=C sort)
# The unit tests are built where cmocka is found, which may have come since.
if pkg-config --exists cmocka; then
	list=$(printf '%s\n%s' "$list" cmocka)
fi
if [ ! -f "$dir/build.ninja" ]; then
	meson setup "$dir" "$here" "$@"
elif [ "$list" != "$(cat "$dir/sources.list" 2>/dev/null)" ]; then
	meson setup --reconfigure "$dir" "$here" "$@"
fi
printf '%s\n' "$list" >"$dir/sources.list"
