// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

#define SEEN_MAX ((size_t)1 << 20)

/* no-color.org: set and not empty means none. */
static bool has_colours(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}

void vr_ui_init(struct vr_ui *ui, bool quiet, bool batch)
{
	struct winsize size;

	*ui = (struct vr_ui){.quiet = quiet, .width = 80};
	ui->colour = !batch && has_colours(STDOUT_FILENO);
	ui->error_colour = !batch && has_colours(STDERR_FILENO);
	if (!isatty(STDOUT_FILENO))
		return;
	ui->live = !batch;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		ui->width = size.ws_col;
}

void vr_ui_free(struct vr_ui *ui)
{
	vr_strbuf_free(&ui->seen);
}

/* A line of ui.log, in the form of Python's logging. */
static void record(struct vr_ui *ui, enum vr_log_level level, const char *text)
{
	struct timespec now;
	struct tm tm;
	char stamp[32];

	size_t len;

	if (ui->seen.len > SEEN_MAX)
		return;
	/* Blank lines around a message are for the eye; the log has none. */
	text += strspn(text, "\n");
	len = strlen(text);
	while (len && text[len - 1] == '\n')
		len--;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	vr_strbuf_printf(&ui->seen, "%s,%03ld %s: %.*s\n", stamp, now.tv_nsec / 1000000,
			 vr_log_level_name(level), (int)len, text);
}

static void end_live_line(struct vr_ui *ui)
{
	if (ui->line_open)
		fputs("\n", stdout);
	ui->line_open = false;
}

void vr_ui_say(struct vr_ui *ui, const char *fmt, ...)
{
	VR_STRBUF text = {0};
	va_list ap;

	va_start(ap, fmt);
	vr_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	record(ui, VR_LOG_INFO, vr_strbuf_str(&text));
	if (ui->quiet)
		return;
	end_live_line(ui);
	printf("%s\n", vr_strbuf_str(&text));
	fflush(stdout);
}

void vr_ui_live(struct vr_ui *ui, const char *text)
{
	if (!ui->live) {
		vr_ui_say(ui, "%s", text);
		return;
	}
	record(ui, VR_LOG_INFO, text);
	vr_ui_tick(ui, text);
}

void vr_ui_tick(struct vr_ui *ui, const char *text)
{
	if (ui->quiet || !ui->live)
		return;
	/* One column short of the edge, where some terminals would begin a new line. */
	printf("\r%-*.*s", (int)ui->width - 1, (int)ui->width - 1, text);
	fflush(stdout);
	ui->line_open = true;
}

const char *vr_ui_bold(const struct vr_ui *ui)
{
	return ui->colour ? "\033[1m" : "";
}

const char *vr_ui_plain(const struct vr_ui *ui)
{
	return ui->colour ? "\033[0m" : "";
}

void vr_ui_result(struct vr_ui *ui, const char *fmt, ...)
{
	va_list ap;

	end_live_line(ui);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* Columns that the len bytes at text take, characters of more than one byte as one. */
static size_t columns(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

void vr_ui_paragraph(struct vr_ui *ui, const char *text)
{
	size_t at = 0;

	end_live_line(ui);
	while (*text) {
		size_t len = strcspn(text, " \n"), wide = columns(text, len);

		if (at && at + 1 + wide > ui->width - 1u) {
			putchar('\n');
			at = 0;
		}
		if (len) {
			printf("%s%.*s", at ? " " : "", (int)len, text);
			at += wide + (at > 0);
		}
		text += len;
		if (*text == '\n') {
			putchar('\n');
			at = 0;
		}
		text += *text != '\0';
	}
	if (at)
		putchar('\n');
	fflush(stdout);
}

void vr_ui_complain(struct vr_ui *ui, enum vr_log_level level, const char *fmt, ...)
{
	VR_STRBUF text = {0};
	va_list ap;

	va_start(ap, fmt);
	vr_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	record(ui, level, vr_strbuf_str(&text));
	if (ui->quiet && level < VR_LOG_ERROR)
		return;
	end_live_line(ui);
	fflush(stdout);
	if (ui->error_colour)
		fprintf(stderr, "\033[%dm%s\033[0m\n", level >= VR_LOG_ERROR ? 31 : 33,
			vr_strbuf_str(&text));
	else
		fprintf(stderr, "%s\n", vr_strbuf_str(&text));
}

void vr_ui_log(struct vr_ui *ui, enum vr_log_level level, const char *text)
{
	end_live_line(ui);
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", vr_log_level_name(level), text);
}
