// SPDX-License-Identifier: GPL-2.0-or-later
/* The C spelling of a type. */
#include "base/bits.h"
#include "base/strbuf.h"
#include "base/cleanup.h"
#include "type/model.h"

/* Functions that take functions that take ...; deeper and longer ones end in "...". */
#define DEPTH_MAX 4
#define PARAMS_MAX 16
#define SPELLING_MAX 4096

static void spell(const struct vr_type *type, struct vr_strbuf *out, int depth);

static const char *const qualifier_names[] = {"", "const", "volatile", "restrict"};

static void spell_params(const struct vr_type *type, struct vr_strbuf *out, int depth)
{
	uint32_t ids[PARAMS_MAX];
	size_t count = vr_type_params(type, ids, PARAMS_MAX);

	vr_strbuf_puts(out, count ? "(" : "(void");
	for (size_t i = 0; i < count; i++) {
		vr_strbuf_puts(out, i ? ", " : "");
		if (i == PARAMS_MAX || depth == DEPTH_MAX || !ids[i] || out->len > SPELLING_MAX) {
			vr_strbuf_puts(out, "..."); /* id 0 is how a variable number is said */
			break;
		}
		spell(vr_type_of_id(type->source, ids[i]), out, depth + 1);
	}
	vr_strbuf_putc(out, ')');
}

static void prepend(struct vr_strbuf *decl, const char *text)
{
	VR_STRBUF old = *decl;

	*decl = (struct vr_strbuf){0};
	vr_strbuf_puts(decl, text);
	vr_strbuf_puts(decl, vr_strbuf_str(&old));
	decl->failed |= old.failed;
}

/* What an array or function is wrapped in if it is behind a pointer: (*)[16]. */
static void parenthesise(struct vr_strbuf *decl)
{
	if (vr_strbuf_str(decl)[0] != '*')
		return;
	prepend(decl, "(");
	vr_strbuf_putc(decl, ')');
}

static bool is_pointer(const struct vr_type *type)
{
	for (int i = 0; type && type->kind == VR_TYPE_CONST && i < VR_BTF_CHAIN_MAX; i++)
		type = vr_type_target(type);
	return vr_type_kind(type) == VR_TYPE_POINTER;
}

/*
 * One step from the outside in; out gets the qualifiers of the type at the end, each once: what holds
 * for an array holds for its elements.
 */
static void add_declarator(const struct vr_type *type, struct vr_strbuf *decl,
			   struct vr_strbuf *out, unsigned int *said, int depth)
{
	switch (type->kind) {
	case VR_TYPE_POINTER:
		prepend(decl, "*");
		break;
	case VR_TYPE_ARRAY:
		parenthesise(decl);
		if (type->length)
			vr_strbuf_printf(decl, "[%llu]", (unsigned long long)type->length);
		else
			vr_strbuf_puts(decl, "[]");
		break;
	case VR_TYPE_FUNCTION:
		parenthesise(decl);
		spell_params(type, decl, depth);
		break;
	default:
		if (type->qualifier == VR_QUAL_NONE)
			break;
		if (is_pointer(type)) {
			prepend(decl, decl->len ? " " : "");
			prepend(decl, qualifier_names[type->qualifier]);
		} else if (!(*said & 1u << type->qualifier)) {
			vr_strbuf_printf(out, "%s ", qualifier_names[type->qualifier]);
			*said |= 1u << type->qualifier;
		}
		break;
	}
}

static void spell_base(const struct vr_type *type, struct vr_strbuf *out)
{
	static const char *const tags[] = {
		[VR_SPACE_STRUCT] = "struct ", [VR_SPACE_UNION] = "union ",
		[VR_SPACE_ENUM] = "enum ",     [VR_SPACE_PLAIN] = "",
		[VR_SPACE_VARIABLE] = "",
	};
	const char *name = vr_type_name(type);

	if (type && type->kind != VR_TYPE_TYPEDEF)
		vr_strbuf_puts(out, tags[type->space]);
	if (name[0])
		vr_strbuf_add(out, name, strnlen(name, VR_BTF_NAME_MAX));
	else
		vr_strbuf_puts(out, "{...}");
}

static void spell(const struct vr_type *type, struct vr_strbuf *out, int depth)
{
	VR_STRBUF decl = {0};
	unsigned int said = 0;

	for (int i = 0; type && i < VR_BTF_CHAIN_MAX; i++) {
		if (type->kind != VR_TYPE_POINTER && type->kind != VR_TYPE_ARRAY &&
		    type->kind != VR_TYPE_FUNCTION && type->kind != VR_TYPE_CONST)
			break;
		add_declarator(type, &decl, out, &said, depth);
		type = vr_type_target(type);
	}
	spell_base(type, out);
	if (decl.len)
		vr_strbuf_putc(out, ' ');
	vr_strbuf_add(out, decl.data, decl.len);
	out->failed |= decl.failed;
}

char *vr_type_spell(const struct vr_type *type, char *buf, size_t size)
{
	VR_STRBUF out = {0};
	size_t len;

	if (!size)
		return buf;
	if (type)
		spell(type, &out, 0);
	len = VR_MIN(out.len, size - 1);
	if (len)
		memcpy(buf, out.data, len);
	buf[len] = '\0';
	return buf;
}
