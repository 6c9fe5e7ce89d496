// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A BPF program that runs whenever sigtimedwait() ends: whoever sleeps there has the kernel's
 * trampoline for such programs on its stack. Written without libbpf: the program is two
 * instructions, and what it is attached to is a type's number in the kernel's BTF.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define TYPES_FILE "/sys/kernel/btf/vmlinux"
#define TRACED "__x64_sys_rt_sigtimedwait"

/* Kinds that the host's headers may lack. */
enum { KIND_DECL_TAG = 17, KIND_ENUM64 = 19 };

static size_t type_size(const struct btf_type *type)
{
	size_t count = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return sizeof(*type) + 4;
	case BTF_KIND_ARRAY:
		return sizeof(*type) + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case KIND_ENUM64:
		return sizeof(*type) + count * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return sizeof(*type) + count * 8;
	default:
		return sizeof(*type);
	}
}

/* The number of a function's type in the kernel's BTF; 0: there is none. */
static uint32_t function_id(const char *name)
{
	int fd = open(TYPES_FILE, O_RDONLY | O_CLOEXEC);
	const struct btf_header *header;
	const char *types, *end, *strings;
	struct stat status;
	char *data;

	if (check(fd, TYPES_FILE) < 0 || check(fstat(fd, &status), TYPES_FILE) < 0)
		return 0;
	data = malloc(status.st_size);
	for (off_t have = 0; have < status.st_size;) {
		ssize_t length = read(fd, data + have, status.st_size - have);

		if (check(length, TYPES_FILE) <= 0)
			return 0;
		have += length;
	}
	close(fd);
	header = (const void *)data;
	types = data + header->hdr_len + header->type_off;
	end = types + header->type_len;
	strings = data + header->hdr_len + header->str_off;
	for (uint32_t id = 1; types < end; id++) {
		const struct btf_type *type = (const void *)types;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(strings + type->name_off, name))
			return id; /* with all of the file kept: a daemon does it once */
		types += type_size(type);
	}
	return 0;
}

static int load_program(uint32_t traced)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = BPF_TRACE_FEXIT,
		.insn_cnt = ARRAY_SIZE(program),
		.insns = (uintptr_t)program,
		.license = (uintptr_t) "GPL",
		.attach_btf_id = traced,
		.prog_name = "crashbox",
	};

	return check(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes)), "BPF");
}

/* Attached for as long as this process lives. */
void role_fexit(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attributes = { 0 };
	uint32_t traced = function_id(TRACED);
	int program;

	if (!traced) {
		fprintf(stderr, "workload: no %s in %s\n", TRACED, TYPES_FILE);
		return;
	}
	check(setrlimit(RLIMIT_MEMLOCK, &unlimited), "RLIMIT_MEMLOCK");
	program = load_program(traced);
	if (program < 0)
		return;
	attributes.raw_tracepoint.prog_fd = program;
	check(syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attributes, sizeof(attributes)), "fexit");
	note_role("fexit", 'S');
}
