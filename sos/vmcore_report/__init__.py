# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins in Python for vmcore-report: see sos.vmcore_report.plugin."""
