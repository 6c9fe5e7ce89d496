// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/config.h"
#include "cli/dumpfile.h"

static volatile int stop_requested;

static void on_stop(int sig)
{
	(void)sig;
	stop_requested = 1;
}

static void handle_signals(void)
{
	/* No SA_RESTART: what waits is to notice. */
	struct sigaction sa = {.sa_handler = on_stop};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	/* A reader of our output that goes away must not take the report with it. */
	signal(SIGPIPE, SIG_IGN);
}

/* The command line over what the configuration says; then do it. */
static int run(struct vr_options *line, int argc, char **argv)
{
	struct vr_options options;
	struct vr_error err;
	int status;

	if (vr_config_load(&options, line, &err) != VR_OK) {
		fprintf(stderr, "Error: %s\n", err.text);
		status = VR_EXIT_FAILED;
	} else {
		status = vr_command_run(&options, argc, argv, &stop_requested);
	}
	vr_options_free(&options);
	return status;
}

int main(int argc, char **argv)
{
	struct vr_options line;
	struct vr_error err;
	int status;

	if (argc == 3 && strcmp(argv[1], VR_INTERNAL_OPEN) == 0)
		return vr_dumpfile_serve(argv[2]);
	handle_signals();
	vr_options_init(&line);
	if (vr_options_parse(&line, argc, argv, &err) != VR_OK) {
		fprintf(stderr,
			"usage: vmcore-report --vmcore PATH [options]\n"
			"vmcore-report: error: %s\n",
			err.text);
		status = err.kind == VR_CORRUPT ? VR_EXIT_USAGE : VR_EXIT_FAILED;
	} else {
		status = run(&line, argc, argv);
	}
	vr_options_free(&line);
	return status;
}
