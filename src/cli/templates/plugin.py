# SPDX-License-Identifier: GPL-2.0-or-later
"""my_plugin: say here what it finds out."""

from sos.vmcore_report.plugin import DrgnPluginBase


class MyPlugin(DrgnPluginBase):
    plugin_name = "my_plugin"  # optional: made from the class's name otherwise
    description = "a line for --list-plugins"
    default_enabled = True  # False: runs only when it is asked for
    experimental = False  # True: needs --experimental, or to be asked for

    def check_enabled(self, prog):
        # Is there anything to do on this dump? Optional.
        try:
            prog["jiffies"]
            return True
        except Exception:
            return False

    def setup(self, prog):
        # What is to be done once before collect(). Optional.
        return

    def collect(self, prog):
        # Memory may be missing or damaged: say what could not be had, and go on.
        result = {}
        try:
            result["jiffies"] = int(prog["jiffies"].value_())
        except Exception as e:
            self.write_text("WARNINGS.txt", f"[WARN] jiffies: {e}\n")

        # Both end up below plugins/my_plugin/.
        self.write_json("data.json", result)
        self.write_lines("summary.txt", [f"{key}: {value}" for key, value in result.items()])
