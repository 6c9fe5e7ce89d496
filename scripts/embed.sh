#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# embed.sh NAME=FILE...: C strings with the files' texts, on standard output.
set -eu
echo '/* Made by scripts/embed.sh. SPDX-License-Identifier: GPL-2.0-or-later */'
for pair; do
	printf 'static const char %s[] =\n' "${pair%%=*}"
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/\t"/; s/$/\\n"/' "${pair#*=}"
	echo ';'
done
