# SPDX-License-Identifier: GPL-2.0-or-later
"""The truth suite as a test: no kind of file may fall below what is recorded for it."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import suite  # noqa: E402
from conftest import program_path  # noqa: E402


def test_the_report_against_the_kernels_own_files(any_guest, tmp_path, capsys):
    guest = any_guest
    archive = suite.make_archive(program_path(), guest.vmcore, tmp_path)
    results = suite.run(guest, archive, guest.kind.held)
    with capsys.disabled():
        print(f"\n\n{guest.name}, Linux {guest.info['kernel_release']}\n{suite.table(results)}")
    recorded = suite.recorded()
    worse = [x for x in (suite.fallen(r, recorded.get(guest.name, {})) for r in results) if x]
    worse += [x for x in map(suite.short, results) if x]
    assert not worse, "\n".join(worse + suite.problems(results))
