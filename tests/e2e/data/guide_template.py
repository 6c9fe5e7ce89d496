# sos/vmcore_report/plugins/my_plugin.py

from sos.vmcore_report.plugin import DrgnPluginBase

class MyPlugin(DrgnPluginBase):
    plugin_name = "my_plugin"          # optional; defaults to 'my_plugin' for class 'MyPlugin'
    description = "Short description"  # optional
    default_enabled = True             # optional; runs by default
    experimental = False               # optional

    def check_enabled(self, prog):
        # Optional: only run if a required symbol exists, etc.
        try:
            _ = prog["some_symbol"]
            return True
        except Exception:
            return False

    def setup(self, prog):
        # Optional one-time initialization before collect()
        return

    def collect(self, prog):
        # Do drgn lookups; be defensive (vmcores can be partially corrupted)
        result = {}

        try:
            # Example symbol fetch:
            # sym = prog["some_symbol"]
            # result["value"] = int(sym.value_())
            pass
        except Exception as e:
            # Prefer not to raise; write a warning file instead if helpful
            self.write_text("WARNINGS.txt", f"lookup failed: {e}\n")

        # Write outputs under plugins/my_plugin/
        self.write_json("data.json", result)
        self.write_text("summary.txt", "Collection done\n")
