# SPDX-License-Identifier: GPL-2.0-or-later
"""The truth suite over a report with debug files, where they say more than the dump does: types of 5.10's modules."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "truth"))

import suite  # noqa: E402
from conftest import debuginfo_options, program_path  # noqa: E402

# Kinds that a report without debug files has none of, or not all; here they are the kernel's own, byte for byte.
MODULES_OWN = (
    "proc/mounts",
    "proc/{pid}/mounts",
    "proc/{pid}/mountinfo",
    "proc/fs/nfsfs/servers",
    "proc/fs/nfsfs/volumes",
    "proc/fs/lockd/nlm_end_grace",
    "proc/fs/xfs/xqm",
    "proc/fs/xfs/xqmstat",
    "{net}/bonding/{dev}",
    "{net}/ip_tables_matches",
    "{net}/ip_tables_targets",
    "{net}/sctp/assocs",
    "{net}/sctp/eps",
    "{net}/vlan/config",
)


def test_with_debug_files_no_kind_is_worse_and_those_of_modules_are_whole(guest, tmp_path, capsys):
    if guest.version >= (5, 11):
        pytest.skip("its modules have BTF, and debug files change no file that the kernel had")
    archive = suite.make_archive(program_path(), guest.vmcore, tmp_path, debuginfo_options(guest))
    results = suite.run(guest, archive)
    with capsys.disabled():
        print(f"\n\n{guest.name}, Linux {guest.info['kernel_release']}, with debug files\n{suite.table(results)}")
    recorded = suite.recorded().get(guest.name, {})
    # What isn't recorded is not in a report without debug files.
    worse = [x for x in (suite.fallen(r, {r.kind.pattern: "near", **recorded}) for r in results) if x]
    worse += [x for x in map(suite.short, results) if x]
    found = {r.kind.pattern: r for r in results}
    for pattern in MODULES_OWN:
        result = found[pattern]
        if not result.files or result.identical != result.files or result.absent:
            worse.append(f"{pattern}: {result.identical} of {result.files + result.absent} files are identical")
    assert not worse, "\n".join(worse + suite.problems(results))
