// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module that runs Python plugins: an interpreter, started once in a process that holds the
 * dump, and forked for each plugin. What Python does is in sos/vmcore_report/host.py; here is what
 * it needs of C: the module _vmcore_report, and functions to fill the plugins' descriptors.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/option.h"
#include "plugin/python.h"

/* One read of a debugger: beyond that something is wrong. */
#define READ_MAX ((Py_ssize_t)1 << 30)

/*
 * An interpreter is one for each process, and its callbacks have no argument of ours: so this can't
 * hang from one.
 */
static struct {
	const struct vr_python_services *services;
	struct vr_run *run; /* of the plugin that this process runs; NULL before */
	PyObject *host;     /* the module sos.vmcore_report.host */
	PyObject *prog;
	PyObject *runner; /* host.Runner of the plugin */
	struct vr_plugin_entry *entries;
	size_t count;
} state;

/* ---- _vmcore_report, as host.py sees it ---- */

static PyObject *raise_error(PyObject *type, const struct vr_error *err)
{
	PyErr_SetString(type, err->text);
	return NULL;
}

static PyObject *py_read(PyObject *self, PyObject *args)
{
	unsigned long long address, offset;
	struct vr_error why = {0};
	PyObject *bytes;
	Py_ssize_t count;
	int physical;

	(void)self;
	if (!PyArg_ParseTuple(args, "KnKp", &address, &count, &offset, &physical))
		return NULL;
	if (count < 0 || count > READ_MAX)
		return PyErr_NoMemory();
	bytes = PyBytes_FromStringAndSize(NULL, count);
	if (!bytes)
		return NULL;
	if (state.services->read(state.services->dump, address, physical, PyBytes_AS_STRING(bytes),
				 (size_t)count, &why))
		return bytes;
	Py_DECREF(bytes);
	return raise_error(PyExc_OSError, &why);
}

static PyObject *py_segments(PyObject *self, PyObject *args)
{
	struct vr_python_segment *list = NULL;
	struct vr_error err = {0};
	size_t count = 0;
	PyObject *result;

	(void)self;
	(void)args;
	if (state.services->segments(state.services->dump, &list, &count, &err) != VR_OK)
		return raise_error(PyExc_MemoryError, &err);
	result = PyList_New((Py_ssize_t)count);
	for (size_t i = 0; result && i < count; i++) {
		PyObject *item = Py_BuildValue("(KKO)", (unsigned long long)list[i].address,
					       (unsigned long long)list[i].size,
					       list[i].physical ? Py_True : Py_False);

		if (item)
			PyList_SET_ITEM(result, (Py_ssize_t)i, item);
		else
			Py_CLEAR(result);
	}
	free(list);
	return result;
}

static PyObject *write_with(enum vr_err (*write)(void *dump, int fd, struct vr_error *err),
			    PyObject *args)
{
	struct vr_error err = {0};
	int fd;

	if (!PyArg_ParseTuple(args, "i", &fd))
		return NULL;
	if (write(state.services->dump, fd, &err) != VR_OK)
		return raise_error(PyExc_OSError, &err);
	Py_RETURN_NONE;
}

static PyObject *py_write_core(PyObject *self, PyObject *args)
{
	(void)self;
	return write_with(state.services->write_core, args);
}

static PyObject *py_write_vmlinux(PyObject *self, PyObject *args)
{
	(void)self;
	return write_with(state.services->write_vmlinux, args);
}

static bool has_run(void)
{
	if (!state.run)
		PyErr_SetString(PyExc_RuntimeError, "no plugin is running");
	return state.run;
}

static PyObject *py_write(PyObject *self, PyObject *args)
{
	struct vr_error err = {0};
	const char *path, *data;
	Py_ssize_t len;
	int append;

	(void)self;
	if (!PyArg_ParseTuple(args, "sy#p", &path, &data, &len, &append) || !has_run())
		return NULL;
	/* What can't be written is in the manifest, with the reason: no reason to end the plugin. */
	state.services->write_file(state.run, path, data, (size_t)len,
				   append ? VR_WRITE_APPEND : VR_WRITE_REPLACE, &err);
	Py_RETURN_NONE;
}

static PyObject *py_message(PyObject *self, PyObject *args)
{
	static const char *const kinds[] = {
		[VR_MSG_WARN] = "warn", [VR_MSG_ERROR] = "error",       [VR_MSG_ALERT] = "alert",
		[VR_MSG_NOTE] = "note", [VR_MSG_HEADLINE] = "headline", [VR_MSG_INFO] = "info",
	};
	const char *kind, *text;
	Py_ssize_t len;

	(void)self;
	/* "z#", as "s" would refuse a text with a NUL in it, which is cut there instead. */
	if (!PyArg_ParseTuple(args, "sz#", &kind, &text, &len) || !has_run())
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i]))
			state.services->message(state.run, (enum vr_message_kind)i,
						text ? text : "");
	Py_RETURN_NONE;
}

static PyObject *py_log(PyObject *self, PyObject *args)
{
	static const char *const levels[] = {[VR_LOG_DEBUG] = "debug",
					     [VR_LOG_INFO] = "info",
					     [VR_LOG_WARNING] = "warning",
					     [VR_LOG_ERROR] = "error"};
	const char *level, *text;

	(void)self;
	if (!PyArg_ParseTuple(args, "ss", &level, &text))
		return NULL;
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (!strcmp(level, levels[i]))
			state.services->log(state.services->dump, (enum vr_log_level)i, text);
	Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
	{"read", py_read, METH_VARARGS, "read(address, count, offset, physical) -> bytes"},
	{"segments", py_segments, METH_NOARGS, "[(address, size, physical), ...]"},
	{"write_core", py_write_core, METH_VARARGS, "write_core(fd)"},
	{"write_vmlinux", py_write_vmlinux, METH_VARARGS, "write_vmlinux(fd)"},
	{"write", py_write, METH_VARARGS, "write(path, data, append)"},
	{"message", py_message, METH_VARARGS, "message(kind, text)"},
	{"log", py_log, METH_VARARGS, "log(level, text)"},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_vmcore_report",
					.m_size = -1, .m_methods = functions};

static PyObject *make_module(void)
{
	return PyModule_Create(&definition);
}

/* ---- The interpreter ---- */

/* The exception that is set, which is cleared; the caller's. NULL: there is none. */
static PyObject *raised(void)
{
#if PY_VERSION_HEX >= 0x030c0000
	return PyErr_GetRaisedException();
#else
	PyObject *type, *value, *trace;

	PyErr_Fetch(&type, &value, &trace);
	PyErr_NormalizeException(&type, &value, &trace);
	if (value && trace)
		PyException_SetTraceback(value, trace);
	Py_XDECREF(type);
	Py_XDECREF(trace);
	return value;
#endif
}

/* The exception that is set, as one line; it is cleared. */
static enum vr_err take_exception(struct vr_error *err, const char *what)
{
	PyObject *value = raised();
	PyObject *text = value ? PyObject_Str(value) : NULL;
	const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;

	vr_error_set(err, VR_UNSUPPORTED, "%s: %s%s%s", what,
		     value ? Py_TYPE(value)->tp_name : "no exception", utf8 && *utf8 ? ": " : "",
		     utf8 ? utf8 : "");
	Py_XDECREF(text);
	Py_XDECREF(value);
	PyErr_Clear();
	return VR_UNSUPPORTED;
}

static enum vr_err start_interpreter(struct vr_error *err)
{
	PyConfig config;
	PyStatus status;

	if (Py_IsInitialized())
		return VR_OK;
	if (PyImport_AppendInittab("_vmcore_report", make_module) < 0)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	PyConfig_InitPythonConfig(&config);
	config.parse_argv = 0;
	config.install_signal_handlers = 0;
	config.write_bytecode = 0;
	status = PyConfig_SetString(&config, &config.program_name, L"python3");
	if (!PyStatus_Exception(status))
		status = Py_InitializeFromConfig(&config);
	PyConfig_Clear(&config);
	if (PyStatus_Exception(status))
		return vr_error_set(err, VR_UNSUPPORTED, "Python does not start: %s",
				    status.err_msg ? status.err_msg : "no reason given");
	return VR_OK;
}

/* list.append(text) */
static bool append_text(PyObject *list, const char *text)
{
	PyObject *string = PyUnicode_DecodeFSDefault(text);
	bool ok = string && PyList_Append(list, string) == 0;

	Py_XDECREF(string);
	return ok;
}

/*
 * Make "import sos.vmcore_report" find ours: an installed sos stays what it is and gets one more
 * folder for its submodules; where there is none, ours is all there is of it.
 */
static bool extend_sos(const char *sos_dir)
{
	PyObject *sos, *path = PySys_GetObject("path"), *parts;
	char ours[4096];
	bool ok;

	if (!path || !append_text(path, sos_dir))
		return false;
	sos = PyImport_ImportModule("sos");
	parts = sos ? PyObject_GetAttrString(sos, "__path__") : NULL;
	snprintf(ours, sizeof(ours), "%s/sos", sos_dir);
	/* Of a namespace it knows already: that has no append(), and needs none. */
	ok = parts && (!PyList_Check(parts) || append_text(parts, ours));
	Py_XDECREF(parts);
	Py_XDECREF(sos);
	return ok;
}

static enum vr_err load_host(const struct vr_python_config *config, struct vr_error *err)
{
	enum vr_err kind;
	PyObject *path;

	/* Threads don't survive a fork(), and nobody shall ask the network. */
	setenv("OMP_NUM_THREADS", "1", 1);
	unsetenv("DEBUGINFOD_URLS");
	kind = start_interpreter(err);
	if (kind != VR_OK)
		return kind;
	if (state.host)
		return VR_OK;
	if (!extend_sos(config->sos_dir))
		return take_exception(err, config->sos_dir);
	path = PySys_GetObject("path");
	for (size_t i = 0; path && i < config->plugin_dir_count; i++)
		if (!append_text(path, config->plugin_dirs[i]))
			return take_exception(err, config->plugin_dirs[i]);
	state.host = PyImport_ImportModule("sos.vmcore_report.host");
	return state.host ? VR_OK : take_exception(err, "sos.vmcore_report.host");
}

static PyObject *text_list(const char *const *texts, size_t count)
{
	PyObject *list = PyList_New(0);

	for (size_t i = 0; list && i < count; i++)
		if (!append_text(list, texts[i]))
			Py_CLEAR(list);
	return list;
}

/* ---- Discovery ---- */

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static enum vr_err discover(const struct vr_python_config *config, const char *const *paths,
			    size_t count, int fd, struct vr_error *err)
{
	enum vr_err kind = load_host(config, err);
	PyObject *list, *result = NULL;
	const char *text = NULL;
	Py_ssize_t len = 0;

	if (kind != VR_OK)
		return kind;
	list = text_list(paths, count);
	if (list)
		result = PyObject_CallMethod(state.host, "discover", "O", list);
	if (result)
		text = PyUnicode_AsUTF8AndSize(result, &len);
	if (!text)
		kind = take_exception(err, "looking for plugins");
	else if (!write_all(fd, text, (size_t)len))
		kind = vr_error_set(err, VR_OS, "what was found can't be told");
	Py_XDECREF(result);
	Py_XDECREF(list);
	return kind;
}

/* ---- Running plugins ---- */

static const struct vr_python_plugin *find_plugin(const char *name)
{
	for (size_t i = 0; i < state.count; i++)
		if (state.entries[i].language == VR_PLUGIN_PYTHON &&
		    !strcmp(state.entries[i].name, name))
			return state.entries[i].block;
	return NULL;
}

/* Tell of the exception that is set: one line to *reason, the traceback to the plugin's log. */
static void explain(struct vr_run *run, const char *what, bool quietly, struct vr_error *reason)
{
	PyObject *value = raised(), *pair = NULL, *lines;

	if (value)
		pair = PyObject_CallMethod(state.host, "explain", "O", value);
	if (!pair || !PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
		take_exception(reason, what);
	} else {
		const char *text = PyUnicode_AsUTF8(PyTuple_GET_ITEM(pair, 0));

		vr_error_set(reason, VR_UNSUPPORTED, "raised %s in %s", text ? text : "?", what);
		lines = PyTuple_GET_ITEM(pair, 1);
		for (Py_ssize_t i = 0;
		     !quietly && PyList_Check(lines) && i < PyList_GET_SIZE(lines); i++) {
			text = PyUnicode_AsUTF8(PyList_GET_ITEM(lines, i));
			if (text)
				state.services->message(run, VR_MSG_ERROR, text);
		}
	}
	Py_XDECREF(pair);
	Py_XDECREF(value);
	PyErr_Clear();
}

/* What one option is set to, as Python has it. */
static PyObject *option_value(const struct vr_plugin_option *option,
			      const struct vr_option_value *value)
{
	if (option->kind == VR_OPTION_TEXT)
		return PyUnicode_DecodeFSDefault(value->text);
	if (option->kind == VR_OPTION_BOOL)
		return PyBool_FromLong(value->number != 0);
	return PyLong_FromLongLong(value->number);
}

/* The options that the user has set: {name: value}. */
static PyObject *set_options(const struct vr_run *run)
{
	const struct vr_option_value *values;
	const struct vr_plugin_option *options = state.services->options(run, &values);
	PyObject *dict = PyDict_New();

	for (size_t i = 0; dict && values && options[i].name; i++) {
		PyObject *value;

		if (!values[i].is_set)
			continue;
		value = option_value(&options[i], &values[i]);
		if (!value || PyDict_SetItemString(dict, options[i].name, value) < 0)
			Py_CLEAR(dict);
		Py_XDECREF(value);
	}
	return dict;
}

/* The plugin's object, made once in its process. */
static PyObject *runner(struct vr_run *run)
{
	const struct vr_python_plugin *plugin = find_plugin(state.services->name(run));

	state.run = run;
	if (!state.runner && plugin) {
		PyObject *options = set_options(run);

		if (options)
			state.runner =
				PyObject_CallMethod(state.host, "Runner", "OssO", state.prog,
						    plugin->path, plugin->class_name, options);
		Py_XDECREF(options);
	}
	return state.runner;
}

static bool check_enabled(struct vr_run *run, struct vr_program *prog)
{
	PyObject *object = runner(run), *result = NULL;
	struct vr_error reason;
	bool yes = false;

	(void)prog;
	/* A file that can't be loaded has failed; one that says no, or can't say, is inactive. */
	if (!object) {
		explain(run, "its file", false, &reason);
		state.services->failed(run, reason.text);
		return false;
	}
	result = PyObject_CallMethod(object, "check_enabled", NULL);
	if (result) {
		yes = PyObject_IsTrue(result) == 1;
	} else {
		explain(run, "check_enabled()", true, &reason);
		state.services->inactive(run, reason.text);
	}
	Py_XDECREF(result);
	return yes;
}

static void call(struct vr_run *run, const char *method, const char *what)
{
	PyObject *object = runner(run), *result = NULL;
	struct vr_error reason;

	if (object)
		result = PyObject_CallMethod(object, method, NULL);
	if (!result) {
		explain(run, what, false, &reason);
		state.services->failed(run, reason.text);
	}
	Py_XDECREF(result);
}

static void setup(struct vr_run *run, struct vr_program *prog)
{
	(void)prog;
	call(run, "setup", "setup()");
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	(void)prog;
	call(run, "collect", "collect()");
}

/* host.make_program(log, vmlinux, debuginfo_dirs) */
static enum vr_err make_program(const struct vr_python_config *config, struct vr_error *err)
{
	PyObject *own = PyImport_ImportModule("_vmcore_report");
	PyObject *log = own ? PyObject_GetAttrString(own, "log") : NULL;
	PyObject *dirs = text_list(config->debuginfo_dirs, config->debuginfo_dir_count);

	if (log && dirs)
		state.prog = PyObject_CallMethod(state.host, "make_program", "OzO", log,
						 config->vmlinux, dirs);
	Py_XDECREF(dirs);
	Py_XDECREF(log);
	Py_XDECREF(own);
	return state.prog ? VR_OK : take_exception(err, "drgn");
}

static enum vr_err start(const struct vr_python_config *config,
			 const struct vr_python_services *services, struct vr_plugin_entry *entries,
			 size_t count, struct vr_error *err)
{
	enum vr_err kind;

	state.services = services;
	state.entries = entries;
	state.count = count;
	kind = load_host(config, err);
	if (kind == VR_OK)
		kind = make_program(config, err);
	for (size_t i = 0; kind == VR_OK && i < count; i++) {
		struct vr_python_plugin *plugin = entries[i].block;

		if (entries[i].language != VR_PLUGIN_PYTHON)
			continue;
		plugin->plugin.check_enabled = check_enabled;
		plugin->plugin.setup = setup;
		plugin->plugin.collect = collect;
	}
	return kind;
}

static void before_fork(void)
{
	PyOS_BeforeFork();
}

static void after_fork(bool in_child)
{
	if (in_child)
		PyOS_AfterFork_Child();
	else
		PyOS_AfterFork_Parent();
}

VR_API extern const struct vr_python_module vr_python_module;
const struct vr_python_module vr_python_module = {
	.size = sizeof(struct vr_python_module),
	.version = VR_VERSION,
	.discover = discover,
	.start = start,
	.before_fork = before_fork,
	.after_fork = after_fork,
};
