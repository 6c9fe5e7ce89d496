#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh PROGRAM GUEST-DIR OUT-DIR: report on the guest's dump, with nothing but the dump.
set -eu
mkdir -p "$3"
# One archive is enough to look at.
rm -rf "$3"/sosvmcore-*
"$1" --vmcore "$2/vmcore" --tmp-dir "$3" --batch
