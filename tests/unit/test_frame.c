// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "collect/frame.h"
#include "collect/wire.h"

#define TEST(name) static void name(void **state __attribute__((unused)))

/* A frame's bytes appended to out. */
static void put_frame(struct vr_strbuf *out, uint16_t type, const void *body, size_t len)
{
	uint8_t header[VR_FRAME_HEADER];

	vr_frame_header(header, type, len);
	vr_strbuf_add(out, header, sizeof(header));
	vr_strbuf_add(out, body, len);
}

TEST(frames_come_back_however_they_are_cut)
{
	VR_STRBUF stream = {0};
	static char big[100000];

	memset(big, 'x', sizeof(big));
	put_frame(&stream, 1, "hello", 5);
	put_frame(&stream, 2, "", 0);
	put_frame(&stream, 3, big, sizeof(big));
	put_frame(&stream, 4, "end", 3);
	for (size_t step = 1; step <= stream.len; step = step * 3 + 1) {
		struct vr_frame_reader reader = {.limit = 200000};
		struct vr_frame frame;
		uint16_t next = 1;

		for (size_t at = 0; at < stream.len; at += step) {
			size_t n = stream.len - at < step ? stream.len - at : step;

			assert_true(vr_frame_feed(&reader, stream.data + at, n));
			while (vr_frame_next(&reader, &frame) == VR_FRAME_OK) {
				assert_int_equal(frame.type, next++);
				if (frame.type == 3)
					assert_memory_equal(frame.body, big, sizeof(big));
			}
		}
		assert_int_equal(next, 5);
		assert_int_equal(vr_frame_next(&reader, &frame), VR_FRAME_MORE);
		vr_frame_reader_free(&reader);
	}
}

TEST(frames_through_a_pipe)
{
	struct iovec pieces[3] = {
		{(void *)(uintptr_t) "ab", 2}, {NULL, 0}, {(void *)(uintptr_t) "c", 1}};
	struct vr_frame_reader reader = {.limit = 100};
	struct vr_frame frame;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_true(vr_frame_send(fds[1], 7, pieces, 3));
	close(fds[1]);
	assert_true(vr_frame_fill(&reader, fds[0]) > 0);
	assert_int_equal(vr_frame_next(&reader, &frame), VR_FRAME_OK);
	assert_int_equal(frame.len, 3);
	assert_memory_equal(frame.body, "abc", 3);
	assert_int_equal(vr_frame_fill(&reader, fds[0]), 0);
	close(fds[0]);
	vr_frame_reader_free(&reader);
}

TEST(bodies_can_be_kept)
{
	static const size_t sizes[] = {0, 5, 3000000, 7, 2000000, 1};
	struct vr_frame_reader reader = {.limit = 4000000};
	static char bytes[3000000];
	VR_STRBUF stream = {0};
	struct vr_frame frame;
	const uint8_t *bodies[6];
	void *blocks[6];
	size_t n = 0;

	for (size_t i = 0; i < 6; i++) {
		memset(bytes, 'a' + (int)i, sizes[i]);
		put_frame(&stream, 1, bytes, sizes[i]);
	}
	for (size_t at = 0; at < stream.len; at += 100000) {
		size_t left = stream.len - at;

		assert_true(
			vr_frame_feed(&reader, stream.data + at, left < 100000 ? left : 100000));
		while (vr_frame_next(&reader, &frame) == VR_FRAME_OK) {
			assert_int_equal(frame.len, sizes[n]);
			blocks[n] = vr_frame_keep(&reader, &frame, &bodies[n]);
			assert_non_null(blocks[n]);
			n++;
		}
	}
	assert_int_equal(n, 6);
	vr_frame_reader_free(&reader);
	for (size_t i = 0; i < 6; i++) {
		memset(bytes, 'a' + (int)i, sizes[i]);
		assert_memory_equal(bodies[i], bytes, sizes[i]);
		free(blocks[i]);
	}
}

TEST(a_frame_beyond_the_limit_needs_no_memory)
{
	struct vr_frame_reader reader = {.limit = 1000};
	uint8_t header[VR_FRAME_HEADER];
	struct vr_frame frame;

	vr_frame_header(header, 1, UINT32_MAX);
	assert_true(vr_frame_feed(&reader, header, sizeof(header)));
	assert_int_equal(vr_frame_next(&reader, &frame), VR_FRAME_LIMIT);
	reader.limit = UINT32_MAX;
	assert_int_equal(vr_frame_next(&reader, &frame), VR_FRAME_MORE);
	assert_true(reader.cap < 1 << 20);
	vr_frame_reader_free(&reader);
}

TEST(garbage_ends_a_stream_for_good)
{
	struct vr_frame_reader reader = {.limit = 1000};
	struct vr_frame frame;

	assert_true(vr_frame_feed(&reader, "GET / HTTP/1.1\r\n", 16));
	assert_int_equal(vr_frame_next(&reader, &frame), VR_FRAME_BAD);
	assert_true(vr_frame_feed(&reader, "more of it", 10));
	assert_int_equal(vr_frame_next(&reader, &frame), VR_FRAME_BAD);
	vr_frame_reader_free(&reader);
}

TEST(random_streams_do_no_harm)
{
	srandom(4711);
	for (int round = 0; round < 2000; round++) {
		struct vr_frame_reader reader = {.limit = 4096};
		VR_STRBUF stream = {0};
		struct vr_frame frame;

		put_frame(&stream, 1, "some body", 9);
		put_frame(&stream, 2, "another one", 11);
		for (int flips = random() % 4; flips > 0; flips--)
			stream.data[(size_t)random() % stream.len] ^= (char)(1 << random() % 8);
		assert_true(vr_frame_feed(&reader, stream.data, stream.len));
		while (vr_frame_next(&reader, &frame) == VR_FRAME_OK)
			assert_true(frame.len <= 4096);
		vr_frame_reader_free(&reader);
	}
}

/* ---- What is in the frames ---- */

static void put_record(struct vr_strbuf *out)
{
	struct vr_file_record record = {.path = "a/b",
					.status = VR_FILE_PARTIAL,
					.kind = VR_FAULT,
					.reason = "no page",
					.source = "init_task",
					.rows_dropped = 3,
					.ms = 1.5};

	vr_wire_put_record(out, &record);
	vr_strbuf_puts(out, "contents");
}

TEST(records_come_back)
{
	struct vr_file_record record;
	VR_STRBUF out = {0};
	struct vr_wire wire;

	put_record(&out);
	wire = (struct vr_wire){.p = (const uint8_t *)out.data, .left = out.len};
	vr_wire_record(&wire, &record);
	assert_false(wire.bad);
	assert_string_equal(record.path, "a/b");
	assert_int_equal(record.status, VR_FILE_PARTIAL);
	assert_int_equal(record.kind, VR_FAULT);
	assert_string_equal(record.reason, "no page");
	assert_string_equal(record.source, "init_task");
	assert_int_equal(record.rows_dropped, 3);
	assert_true(record.ms > 1.49 && record.ms < 1.51);
	assert_int_equal(record.bytes, 8);
	assert_memory_equal(wire.p, "contents", 8);
}

/* Strings must end where they say, whatever the bytes are: strlen() under a sanitizer tells. */
static void take_all(const void *data, size_t len)
{
	/* a copy of just that size, so that a sanitizer sees each byte beyond it */
	VR_FREE uint8_t *copy = malloc(len ? len : 1);
	struct vr_file_record record;
	struct vr_dump_facts facts;
	struct vr_wire_done done;
	struct vr_wire wire;
	struct vr_error err;

	memcpy(copy, data, len);
	wire = (struct vr_wire){.p = copy, .left = len};
	vr_wire_record(&wire, &record);
	assert_true(strlen(record.path) + strlen(record.reason) + strlen(record.source) <= len);
	assert_true(record.status <= VR_FILE_OMITTED);
	wire = (struct vr_wire){.p = copy, .left = len};
	vr_wire_facts(&wire, &facts);
	assert_true(facts.count <= VR_DUMP_FACTS);
	wire = (struct vr_wire){.p = copy, .left = len};
	vr_wire_done(&wire, &done);
	wire = (struct vr_wire){.p = copy, .left = len};
	vr_wire_error(&wire, &err);
	assert_non_null(vr_err_name(err.kind));
}

TEST(bodies_cut_anywhere_are_bad)
{
	VR_STRBUF out = {0};

	put_record(&out);
	for (size_t len = 0; len + 8 < out.len; len++) {
		struct vr_wire wire = {.p = (const uint8_t *)out.data, .left = len};
		struct vr_file_record record;

		vr_wire_record(&wire, &record);
		assert_true(wire.bad);
		take_all(out.data, len);
	}
}

TEST(bodies_of_random_bytes_do_no_harm)
{
	struct vr_dump_facts facts = {.nodename = "box", .crash_time = 1};
	VR_STRBUF out = {0};

	vr_dump_fact_text(&facts, "format", "elf");
	vr_dump_fact_number(&facts, "pages", 4711);
	srandom(815);
	for (int round = 0; round < 4000; round++) {
		vr_strbuf_truncate(&out, 0);
		if (round % 2)
			put_record(&out);
		else
			vr_wire_put_facts(&out, &facts);
		for (int flips = 1 + random() % 6; flips > 0; flips--)
			out.data[(size_t)random() % out.len] ^= (char)(1 << random() % 8);
		take_all(out.data, out.len);
	}
}

TEST(facts_come_back)
{
	struct vr_dump_facts facts = {.nodename = "box", .release = "6.1", .crash_time = 42}, back;
	VR_STRBUF out = {0};
	struct vr_wire wire;

	vr_dump_fact_text(&facts, "format", "elf");
	vr_dump_fact_number(&facts, "pages", 4711);
	vr_wire_put_facts(&out, &facts);
	wire = (struct vr_wire){.p = (const uint8_t *)out.data, .left = out.len};
	vr_wire_facts(&wire, &back);
	assert_false(wire.bad);
	assert_int_equal(wire.left, 0);
	assert_string_equal(back.nodename, "box");
	assert_string_equal(back.list[0].text, "elf");
	assert_int_equal(back.list[1].number, 4711);
	/* keys are words: they become keys of a JSON object */
	vr_strbuf_truncate(&out, 0);
	facts.list[0].key[0] = '"';
	vr_wire_put_facts(&out, &facts);
	wire = (struct vr_wire){.p = (const uint8_t *)out.data, .left = out.len};
	vr_wire_facts(&wire, &back);
	assert_true(wire.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_back_however_they_are_cut),
		cmocka_unit_test(frames_through_a_pipe),
		cmocka_unit_test(bodies_can_be_kept),
		cmocka_unit_test(a_frame_beyond_the_limit_needs_no_memory),
		cmocka_unit_test(garbage_ends_a_stream_for_good),
		cmocka_unit_test(random_streams_do_no_harm),
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(bodies_cut_anywhere_are_bad),
		cmocka_unit_test(bodies_of_random_bytes_do_no_harm),
		cmocka_unit_test(facts_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
