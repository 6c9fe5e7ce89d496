// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/native.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "plugin/host.h"
#include "plugin/option.h"

#define SYMBOL "vr_plugin_descriptor"

/* How long, and with how much memory, a file may take to be loaded and unloaded. */
#define LOAD_SECONDS 10
#define LOAD_MEMORY ((rlim_t)1 << 30)

/* API 1.0: these never change. */
#define PLUGIN_SIZE_1_0 96
#define HOST_SIZE_1_0 896
_Static_assert(sizeof(struct vr_plugin) >= PLUGIN_SIZE_1_0, "fields are only appended");
_Static_assert(sizeof(struct vr_host) >= HOST_SIZE_1_0, "functions are only appended");

const struct vr_native_abi vr_native_abi_now = {
	.api = VR_PLUGIN_API,
	.size_min = PLUGIN_SIZE_1_0,
	.size_known = sizeof(struct vr_plugin),
	.host_size = sizeof(struct vr_host),
};

/* ---- The descriptor ---- */

enum vr_err vr_native_check(const void *descriptor, size_t available,
			    const struct vr_native_abi *abi, struct vr_plugin *plugin,
			    struct vr_error *err)
{
	const size_t head = offsetof(struct vr_plugin, unused_);
	unsigned major = abi->api >> 16, minor = abi->api & 0xffff;

	*plugin = (struct vr_plugin){0};
	if (available < head)
		return vr_error_set(err, VR_CORRUPT, "its descriptor has %zu bytes, less than any",
				    available);
	memcpy(plugin, descriptor, head);
	if (plugin->api >> 16 != major)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "made for plugin API %u.%u; this vmcore-report has %u.%u",
				    plugin->api >> 16, plugin->api & 0xffff, major, minor);
	if (plugin->size > available)
		return vr_error_set(err, VR_CORRUPT,
				    "its descriptor says that it has %zu bytes, the file has %zu",
				    plugin->size, available);
	if (plugin->size < abi->size_min)
		return vr_error_set(err, VR_CORRUPT,
				    "its descriptor has %zu bytes, that of plugin API %u.0 has %zu",
				    plugin->size, major, abi->size_min);
	memcpy(plugin, descriptor, VR_MIN(plugin->size, abi->size_known));
	if (plugin->host_size > abi->host_size)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "made for plugin API %u.%u, which has %zu functions more than "
				    "%u.%u, this vmcore-report's",
				    plugin->api >> 16, plugin->api & 0xffff,
				    (plugin->host_size - abi->host_size) / sizeof(void *), major,
				    minor);
	if (!plugin->host)
		return vr_error_set(err, VR_CORRUPT,
				    "its descriptor has no place for our functions (host)");
	if (!plugin->collect)
		return vr_error_set(err, VR_CORRUPT, "it has no collect function");
	return VR_OK;
}

/* dlerror()'s text, less the path that it begins with. */
static const char *dl_reason(const char *path)
{
	const char *text = dlerror();
	size_t len = strlen(path);

	if (!text)
		return "unknown error";
	if (!strncmp(text, path, len) && !strncmp(text + len, ": ", 2))
		return text + len + 2;
	return text;
}

/* Load path, check it, and tell it where our functions are. NULL: err says why. */
static void *open_object(const char *path, struct vr_plugin *plugin, struct vr_error *err)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const void *descriptor;
	void *extra = NULL;
	size_t available = 0;
	Dl_info info;

	if (!handle) {
		vr_error_set(err, VR_UNSUPPORTED, "%s", dl_reason(path));
		return NULL;
	}
	descriptor = dlsym(handle, SYMBOL);
	if (!descriptor) {
		vr_error_set(err, VR_UNSUPPORTED,
			     "no plugin of vmcore-report: it has no symbol " SYMBOL);
		dlclose(handle);
		return NULL;
	}
	if (dladdr1(descriptor, &info, &extra, RTLD_DL_SYMENT) && extra)
		available = ((const ElfW(Sym) *)extra)->st_size;
	if (vr_native_check(descriptor, available, &vr_native_abi_now, plugin, err) != VR_OK ||
	    vr_options_check(plugin, err) != VR_OK) {
		dlclose(handle);
		return NULL;
	}
	*plugin->host = &vr_host_table;
	return handle;
}

/* ---- The trial, in the child ---- */

static unsigned thread_count(void)
{
	DIR *dir = opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned count = 0;

	if (!dir)
		return 1;
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void quiet_child(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS,  SIGILL,  SIGFPE, SIGABRT, SIGTERM,
				      SIGINT,  SIGALRM, SIGCHLD, SIGHUP, SIGTRAP, SIGSYS};
	const struct rlimit none = {0}, seconds = {LOAD_SECONDS, LOAD_SECONDS + 1};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* A group of its own, for what it may start; which dies with us. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < VR_ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &seconds);
#ifndef __SANITIZE_ADDRESS__
	setrlimit(RLIMIT_DATA, &(struct rlimit){LOAD_MEMORY, LOAD_MEMORY});
#endif
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
}

static void tell(int fd, const struct vr_error *verdict)
{
	/* A few hundred bytes into an empty pipe: at once or not at all. */
	if (write(fd, verdict, sizeof(*verdict)) != (ssize_t)sizeof(*verdict))
		_exit(1);
}

static _Noreturn void try_here(const char *path, int fd)
{
	struct vr_error verdict = {0};
	struct vr_plugin plugin;
	void *handle;

	quiet_child();
	handle = open_object(path, &plugin, &verdict);
	if (handle && thread_count() > 1)
		vr_error_set(&verdict, VR_UNSUPPORTED, "it starts a thread when it is loaded");
	tell(fd, &verdict);
	if (handle)
		dlclose(handle);
	_exit(0);
}

/* ---- The trial, as its parent sees it ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for the verdict; false: it did not come. */
static bool hear(int fd, int64_t deadline, struct vr_error *verdict)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	for (;;) {
		int64_t left = deadline - now_ms();
		int n = poll(&pfd, 1, left > 0 ? (int)left : 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || read(fd, verdict, sizeof(*verdict)) != (ssize_t)sizeof(*verdict))
			return false;
		verdict->text[sizeof(verdict->text) - 1] = '\0';
		return true;
	}
}

/* Wait for its end; past the deadline it is killed. True: that was not needed. */
static bool reap(pid_t pid, int64_t deadline, int *status)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	for (;;) {
		pid_t got = waitpid(pid, status, WNOHANG);

		if (got == pid)
			return true;
		if (got < 0 && errno != EINTR)
			return true;
		if (now_ms() >= deadline)
			break;
		nanosleep(&nap, NULL);
	}
	kill(pid, SIGKILL);
	TEMP_FAILURE_RETRY(waitpid(pid, status, 0));
	return false;
}

/* How the trial ended, where that is not what a good one does. */
static enum vr_err describe_end(bool told, bool in_time, int status, struct vr_error *err)
{
	const char *when = told ? "unloaded" : "loaded";

	if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		return vr_error_set(err, VR_LIMIT, "it was not %s within %d seconds", when,
				    LOAD_SECONDS);
	if (WIFSIGNALED(status))
		return vr_error_set(err, VR_UNSUPPORTED, "it crashes (SIG%s) when it is %s",
				    sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status))
								   : "?",
				    when);
	if (!told || WEXITSTATUS(status))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "it ends the program (status %d) when it is %s",
				    WEXITSTATUS(status), when);
	return VR_OK;
}

/* Load it and unload it in a process of its own. */
static enum vr_err try_object(const char *path, struct vr_error *err)
{
	int64_t deadline = now_ms() + LOAD_SECONDS * 1000;
	struct vr_error verdict = {0};
	bool told, in_time;
	int pair[2], status = 0;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return vr_error_os(err, errno, "no pipe to try it");
	pid = fork();
	if (pid < 0) {
		int saved = errno;

		close(pair[0]);
		close(pair[1]);
		return vr_error_os(err, saved, "no process to try it");
	}
	if (pid == 0) {
		close(pair[0]);
		try_here(path, pair[1]);
	}
	setpgid(pid, pid);
	close(pair[1]);
	told = hear(pair[0], deadline, &verdict);
	in_time = reap(pid, deadline, &status);
	kill(-pid, SIGKILL); /* what it left behind */
	close(pair[0]);
	if (told && verdict.kind != VR_OK) {
		*err = verdict;
		return verdict.kind;
	}
	return describe_end(told, in_time, status, err);
}

/* ---- Files and folders ---- */

static enum vr_err no_memory(struct vr_error *err)
{
	return vr_error_set(err, VR_NOMEM, "out of memory");
}

enum vr_err vr_native_load(struct vr_plugins *plugins, const char *path, unsigned rank,
			   struct vr_error *err)
{
	struct vr_plugin_entry entry = {.language = VR_PLUGIN_NATIVE, .rank = rank};
	struct vr_plugin *plugin = malloc(sizeof(*plugin));
	struct vr_error why;

	if (!plugin)
		return no_memory(err);
	if (try_object(path, &why) != VR_OK || !open_object(path, plugin, &why)) {
		free(plugin);
		return vr_plugins_failed(plugins, path, why.text, err);
	}
	entry.plugin = plugin;
	entry.block = plugin;
	entry.path = strdup(path);
	if (!entry.path) {
		free(plugin);
		return no_memory(err);
	}
	/* The object stays loaded to the end, whatever becomes of the entry. */
	return vr_plugins_add(plugins, &entry, err);
}

static bool has_ending(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	return len > end && !strcmp(name + len - end, ending);
}

static int is_candidate(const struct dirent *entry)
{
	const char *name = entry->d_name;

	if (name[0] == '.')
		return 0;
	return has_ending(name, ".so") || (name[0] != '_' && has_ending(name, ".py"));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum vr_err add_file(struct vr_plugins *plugins, const char *folder, const char *name,
			    unsigned rank, struct vr_error *err)
{
	VR_FREE char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s%s%s", folder, has_ending(folder, "/") ? "" : "/", name) < 0) {
		path = NULL;
		return no_memory(err);
	}
	if (stat(path, &st) < 0)
		return vr_plugins_failed(plugins, path, strerror(errno), err);
	if (!S_ISREG(st.st_mode))
		return vr_plugins_failed(plugins, path, "it is no regular file", err);
	if (has_ending(name, ".py"))
		return vr_plugins_python_file(plugins, path, rank, err);
	return vr_native_load(plugins, path, rank, err);
}

enum vr_err vr_native_search(struct vr_plugins *plugins, const char *folder, unsigned rank,
			     bool optional, struct vr_error *err)
{
	enum vr_err kind = VR_OK;
	struct dirent **names;
	int count = scandir(folder, &names, is_candidate, by_bytes);

	if (count < 0 && errno == ENOMEM)
		return no_memory(err);
	if (count < 0 && optional && (errno == ENOENT || errno == ENOTDIR))
		return VR_OK;
	if (count < 0)
		return vr_plugins_failed(plugins, folder, strerror(errno), err);
	for (int i = 0; i < count; i++) {
		if (kind == VR_OK)
			kind = add_file(plugins, folder, names[i]->d_name, rank, err);
		free(names[i]);
	}
	free(names);
	return kind;
}
