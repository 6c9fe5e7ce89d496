# SPDX-License-Identifier: GPL-2.0-or-later
"""
The Python side of what runs Python plugins: finds classes in plugin files, makes the drgn.Program,
runs plugins. The C side (plugins/python/module.c) brings the module _vmcore_report and calls the
functions named there. Nothing here is for plugins to import.
"""

import ast
import glob
import importlib.util
import json
import logging
import os
import sys
import traceback

from sos.vmcore_report.names import snake_case

BASE = "DrgnPluginBase"


# ---- Looking at plugin files ----


def _literal(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _is_base(node, names):
    if isinstance(node, ast.Name):
        return node.id in names
    return isinstance(node, ast.Attribute) and node.attr == BASE


def _class_attributes(node):
    found = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                found[target.id] = statement.value
    return found


def _option(name, default, desc, val_type):
    """One option as the C side knows it."""
    types = val_type if isinstance(val_type, (list, tuple)) else [val_type or type(default)]
    kind = "text"
    if str not in types and int in types:
        kind = "number"
    elif str not in types and bool in types:
        kind = "bool"
    if isinstance(default, bool):
        value = "on" if default else "off"
    else:
        value = "" if default is None else str(default)
    return {"name": str(name), "desc": " ".join(str(desc).split()), "kind": kind, "value": value}


def _type_node(node):
    """The types that val_type= names."""
    known = {"bool": bool, "int": int, "str": str}
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_type_node(item) for item in node.elts]
    return known[node.id]


def _option_call(node):
    """The option that a call of PluginOpt() in a plugin's source makes."""
    values = dict(zip(("name", "default", "desc", "long_desc", "val_type"), node.args))
    values.update((keyword.arg, keyword.value) for keyword in node.keywords)
    types = values.pop("val_type", None)
    values = {key: ast.literal_eval(value) for key, value in values.items()}
    return _option(
        values.get("name", "undefined"),
        values.get("default"),
        values.get("desc", ""),
        _type_node(types) if types else None,
    )


def _options(attributes):
    """What option_list has, without running it; None where that can't be told."""
    node = attributes.get("option_list")
    if node is None:
        return []
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    for item in node.elts:
        if not isinstance(item, ast.Call) or getattr(item.func, "id", "") != "PluginOpt":
            return None
    try:
        return [_option_call(item) for item in node.elts]
    except (ValueError, KeyError, AttributeError):
        return None


def _described(cls_name, attributes):
    def value(key, default):
        node = attributes.get(key)
        literal = _literal(node) if node is not None else None
        return default if literal is None else literal

    return {
        "class": cls_name,
        "name": str(value("plugin_name", "") or snake_case(cls_name)),
        "description": " ".join(str(value("description", "")).split()),
        "default_enabled": bool(value("default_enabled", True)),
        "experimental": bool(value("experimental", False)),
        "options": _options(attributes),
    }


def _look(path):
    """What the file says of its plugin, without running it; None where that can't be told."""
    with open(path, "rb") as source:
        tree = ast.parse(source.read(), path)
    names = {BASE}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == BASE and alias.asname:
                    names.add(alias.asname)
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        if not any(_is_base(base, names) for base in node.bases):
            continue
        attributes = _class_attributes(node)
        for key in ("plugin_name", "description", "default_enabled", "experimental"):
            if key in attributes and _literal(attributes[key]) is None:
                if not (isinstance(attributes[key], ast.Constant)):
                    return None
        if _options(attributes) is None:
            return None
        return _described(node.name, attributes)
    return None


def _load_class(path):
    """The first plugin class that the file defines itself; runs the file."""
    from sos.vmcore_report.plugin import DrgnPluginBase

    stem = os.path.splitext(os.path.basename(path))[0]
    name = f"sos.vmcore_report.plugins.{stem}"
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == path:
        module = sys.modules[name]
    else:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    for value in list(vars(module).values()):
        if (
            isinstance(value, type)
            and issubclass(value, DrgnPluginBase)
            and value is not DrgnPluginBase
            and value.__module__ == name
        ):
            return value
    raise ImportError(f"no {BASE} subclass in it")


def _reason(error):
    text = traceback.format_exception_only(type(error), error)[-1].strip()
    return " ".join(text.split())


def discover(paths):
    """
    A JSON text: {"drgn": why it can't be had or null, "path": where modules are found,
    "plugins": one for each of paths}.
    """
    plugins = []
    for path in paths:
        try:
            found = _look(path)
            if found is None:
                from sos.vmcore_report.plugin import name_of

                cls = _load_class(path)
                found = {
                    "class": cls.__name__,
                    "name": name_of(cls),
                    "description": " ".join(str(cls.description or "").split()),
                    "default_enabled": bool(cls.default_enabled),
                    "experimental": bool(cls.experimental),
                    "options": [_option(x.name, x.default, x.desc, x.val_type) for x in cls.option_list],
                }
        except BaseException as error:
            found = {"error": _reason(error)}
        plugins.append(found)
    places = [os.path.abspath(place) for place in [*sys.path, sys.prefix, sys.exec_prefix] if place]
    return json.dumps({"drgn": _drgn_missing(), "path": places, "plugins": plugins})


def _drgn_missing():
    try:
        if importlib.util.find_spec("drgn"):
            return None
    except (ImportError, ValueError):
        pass
    return "drgn is not installed (Debian's package is python3-drgn)"


# ---- The program that plugins get ----


def _host():
    import _vmcore_report

    return _vmcore_report


def _memory_file(name, write):
    fd = os.memfd_create(name)
    write(fd)
    return f"/proc/self/fd/{fd}"


def _explicit_files(vmlinux, debuginfo_dirs):
    files = [vmlinux] if vmlinux else []
    for folder in debuginfo_dirs:
        if not vmlinux and os.path.isfile(os.path.join(folder, "vmlinux")):
            files.append(os.path.join(folder, "vmlinux"))
        modules = glob.glob(os.path.join(glob.escape(folder), "**", "*.ko.debug"), recursive=True)
        files.extend(sorted(modules))
    return files


def _has_types(prog):
    try:
        prog.type("struct task_struct")
        return True
    except Exception:
        return False


def _load_explicit(prog, log, vmlinux, debuginfo_dirs):
    files = _explicit_files(vmlinux, debuginfo_dirs)
    if not files:
        return
    try:
        prog.load_debug_info(files)
    except Exception as error:
        log("warning", f"debug information: {_reason(error)}")
    if vmlinux and not _has_types(prog):
        log("warning", f"{vmlinux} is not this kernel's or has no debug information: not used")


def _load_default(prog, log):
    try:
        import drgn_tools.debuginfo

        register = getattr(drgn_tools.debuginfo, "drgn_prog_set", None)
        if register:
            register(prog)
    except ImportError:
        pass
    except Exception as error:
        log("info", f"drgn_tools: {_reason(error)}")
    try:
        prog.load_default_debug_info()
    except Exception as error:
        log("debug", f"debug information: {_reason(error)}")


def make_program(log, vmlinux, debuginfo_dirs):
    """A drgn.Program whose memory is ours, with the best debug information that can be had."""
    import drgn
    import drgn.helpers.linux  # noqa: F401, now rather than once for each plugin

    host = _host()
    prog = drgn.Program()
    prog.set_core_dump(_memory_file("core", host.write_core))
    for address, size, physical in host.segments():
        prog.add_memory_segment(address, size, host.read, physical)
    _load_explicit(prog, log, vmlinux, debuginfo_dirs)
    if not _has_types(prog):
        _load_default(prog, log)
    if not _has_types(prog):
        prog.load_debug_info([_memory_file("vmlinux", host.write_vmlinux)])
        log("info", "drgn: debug information made from the dump")
    return prog


# ---- Running a plugin ----


class _Archive:
    """What plugins know as self.archive."""

    #: Appended text is held back up to this many bytes: few large pieces cost less.
    HOLD = 1 << 20

    def __init__(self):
        self._held = {}

    @staticmethod
    def _bytes(content):
        if isinstance(content, (bytes, bytearray, memoryview)):
            return bytes(content)
        return str(content).encode("utf-8", "backslashreplace")

    def add_string(self, content, dest, mode="w"):
        """Write content to dest, a path in the archive: "w" anew, "a" behind what is there."""
        path = os.fspath(dest).lstrip("/")
        data = self._bytes(content)
        if mode not in ("w", "a", "wb", "ab"):
            raise ValueError(f"mode must be 'w' or 'a', not {mode!r}")
        if mode[0] == "w":
            self._held.pop(path, None)
            _host().write(path, data, False)
            return
        held = self._held.setdefault(path, bytearray())
        held += data
        if len(held) >= self.HOLD:
            self._flush(path)

    def add_binary(self, content, dest):
        """The same for bytes."""
        self.add_string(content, dest)

    def makedirs(self, path, mode=0o700):
        """Folders come with the files in them: nothing to do."""

    def message(self, kind, text):
        _host().message(kind, str(text))

    def _flush(self, path):
        _host().write(path, bytes(self._held.pop(path)), True)

    def flush(self):
        for path in sorted(self._held):
            self._flush(path)


class _Handler(logging.Handler):
    """A plugin's log records, to the host."""

    def emit(self, record):
        try:
            text = self.format(record)
        except Exception as error:
            text = f"a log record can't be formatted: {error}"
        if record.levelno >= logging.ERROR:
            kind = "error"
        elif record.levelno >= logging.WARNING:
            kind = "warn"
        else:
            kind = "info"
        for line in text.splitlines():
            _host().message(kind, line)


class Runner:
    """The one plugin that this process runs."""

    def __init__(self, prog, path, class_name, options):
        from sos.vmcore_report.plugin import name_of

        self.prog = prog
        cls = _load_class(path)
        if cls.__name__ != class_name:
            raise ImportError(f"no class {class_name} in {path}")
        name = name_of(cls)
        logger = logging.getLogger(f"sos.vmcore_report.{name}")
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.addHandler(_Handler())
        self.logger = logger
        self.archive = _Archive()
        cls._options_set = options
        self.plugin = cls(os.path.join("plugins", name), logger, self.archive)

    def check_enabled(self):
        return bool(self.plugin.check_enabled(self.prog))

    def setup(self):
        self.plugin.setup(self.prog)

    def collect(self):
        try:
            self.plugin.collect(self.prog)
        finally:
            self.archive.flush()


def explain(error):
    """(one line, all lines of the traceback) of an exception, from the plugin's frames on."""
    lines = []
    frames = traceback.extract_tb(error.__traceback__)
    kept = [frame for frame in frames if frame.filename != __file__]
    if kept:
        lines.append("Traceback (most recent call last):")
        for text in traceback.format_list(kept):
            lines.extend(text.rstrip("\n").splitlines())
    for text in traceback.format_exception_only(type(error), error):
        lines.extend(text.rstrip("\n").splitlines())
    return _reason(error), lines
