# SPDX-License-Identifier: GPL-2.0-or-later
"""A file dropped into this folder, with one DrgnPluginBase subclass, is a plugin."""
