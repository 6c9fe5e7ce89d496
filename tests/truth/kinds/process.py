# SPDX-License-Identifier: GPL-2.0-or-later
from kind import kind

for name in ("status","stat","statm","comm","limits","cgroup","cpuset","wchan","schedstat","io","oom_score","oom_adj","oom_score_adj"):
    kind("proc/{pid}/" + name)
    kind("proc/{pid}/task/{tid}/" + name)
