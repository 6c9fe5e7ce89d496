/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of these headers as a table, for plugins that are built elsewhere: they have no
 * undefined symbols, and call what plugin.h and its like declare through the table that the program
 * gave them. Nothing in here needs to be looked at, let alone included, to write a plugin.
 *
 * A new function goes into a list of its own, for the minor version that it came with, at the end of
 * VR_HOST_FUNCTIONS; then VR_PLUGIN_API_MINOR (plugin.h) grows, and tests/abi has a new folder.
 *
 * The names become macros, which must come after all declarations. Hence each of the headers begins
 * with plugin.h, which includes all others and ends with this one.
 */
#ifndef VMCORE_REPORT_HOST_H
#define VMCORE_REPORT_HOST_H

#include <vmcore-report/error.h>
#include <vmcore-report/json.h>
#include <vmcore-report/kernel.h>
#include <vmcore-report/object.h>
#include <vmcore-report/plugin.h>
#include <vmcore-report/type.h>

/* clang-format off */
/* Functions of API 1.0: this list never changes again. */
#define VR_HOST_FUNCTIONS_1_0(X) \
	X(vr_error_set) X(vr_error_fault) X(vr_error_os) X(vr_error_prefix) \
	X(vr_err_name) \
	X(vr_type_find) X(vr_type_kind) X(vr_type_name) X(vr_type_size) \
	X(vr_type_is_signed) X(vr_type_target) X(vr_type_length) X(vr_type_strip) \
	X(vr_type_members) X(vr_type_enumerators) X(vr_type_member) X(vr_type_offsetof) \
	X(vr_enum_value) X(vr_type_spell) \
	X(vr_at) X(vr_global) X(vr_try_global) X(vr_get) \
	X(vr_try_get) X(vr_deref) X(vr_index) X(vr_cast) \
	X(vr_container_of) X(vr_u64) X(vr_str) X(vr_bytes) \
	X(vr_try_u64) X(vr_try_str) X(vr_has) X(vr_has_member) \
	X(vr_has_symbol) X(vr_sizeof) X(vr_offsetof) X(vr_symbol) \
	X(vr_try_symbol) X(vr_symbolize) X(vr_constant) X(vr_read) \
	X(vr_view_bind) X(vr_view_fill) X(vr_scope_enter) X(vr_scope_leave) \
	X(vr_failed) X(vr_latch) X(vr_cut) \
	X(vr_json_object) X(vr_json_array) X(vr_json_free) X(vr_json_set_string) \
	X(vr_json_set_bytes) X(vr_json_set_int) X(vr_json_set_uint) X(vr_json_set_real) \
	X(vr_json_set_bool) X(vr_json_set_null) X(vr_json_set_addr) X(vr_json_add_object) \
	X(vr_json_add_array) X(vr_json_text) \
	X(vr_iter_next) X(vr_iter_end) X(vr_iter_index) X(vr_iter_value) \
	X(vr_iter_list) X(vr_iter_hlist) X(vr_iter_rbtree) X(vr_iter_xarray) \
	X(vr_iter_idr) X(vr_iter_maple) X(vr_xarray_load) X(vr_iter_processes) \
	X(vr_iter_threads) X(vr_find_task) X(vr_cpu_current) X(vr_task_comm) \
	X(vr_task_state) X(vr_task_cpu) X(vr_task_stack_text) X(vr_iter_per_cpu) \
	X(vr_iter_cpus) X(vr_nr_cpus) X(vr_per_cpu) X(vr_per_cpu_addr) \
	X(vr_iter_modules) X(vr_module_name) \
	X(vr_file_new) X(vr_file_new_at) X(vr_file_end) X(vr_printf) \
	X(vr_puts) X(vr_write) X(vr_printable) X(vr_print_json) \
	X(vr_row_begin) X(vr_row_end) X(vr_file_source) X(vr_write_text) \
	X(vr_write_lines) X(vr_write_json) X(vr_omit) X(vr_warn) \
	X(vr_fail) X(vr_alert) X(vr_note) X(vr_headline)

/* Functions that came with API 1.1. */
#define VR_HOST_FUNCTIONS_1_1(X) \
	X(vr_option_bool) X(vr_option_number) X(vr_option_text)

#define VR_HOST_FUNCTIONS(X) \
	VR_HOST_FUNCTIONS_1_0(X) \
	VR_HOST_FUNCTIONS_1_1(X)
/* clang-format on */

#define VR_HOST_FIELD_(name) __typeof__(name) *name;
/** Each function's field has its name and its type. */
struct vr_host {
	size_t size;      /* sizeof(struct vr_host) as the program was compiled */
	uint32_t api;     /* VR_PLUGIN_API as the program was compiled */
	uint32_t unused_; /* 0 */
	VR_HOST_FUNCTIONS(VR_HOST_FIELD_)
};
#undef VR_HOST_FIELD_

#ifndef VR_BUILTIN
/* The table; VR_PLUGIN() defines it, in one file of the plugin. */
extern const struct vr_host *vr_host_ __attribute__((visibility("hidden")));

#define vr_error_set (vr_host_->vr_error_set)
#define vr_error_fault (vr_host_->vr_error_fault)
#define vr_error_os (vr_host_->vr_error_os)
#define vr_error_prefix (vr_host_->vr_error_prefix)
#define vr_err_name (vr_host_->vr_err_name)
#define vr_type_find (vr_host_->vr_type_find)
#define vr_type_kind (vr_host_->vr_type_kind)
#define vr_type_name (vr_host_->vr_type_name)
#define vr_type_size (vr_host_->vr_type_size)
#define vr_type_is_signed (vr_host_->vr_type_is_signed)
#define vr_type_target (vr_host_->vr_type_target)
#define vr_type_length (vr_host_->vr_type_length)
#define vr_type_strip (vr_host_->vr_type_strip)
#define vr_type_members (vr_host_->vr_type_members)
#define vr_type_enumerators (vr_host_->vr_type_enumerators)
#define vr_type_member (vr_host_->vr_type_member)
#define vr_type_offsetof (vr_host_->vr_type_offsetof)
#define vr_enum_value (vr_host_->vr_enum_value)
#define vr_type_spell (vr_host_->vr_type_spell)
#define vr_at (vr_host_->vr_at)
#define vr_global (vr_host_->vr_global)
#define vr_try_global (vr_host_->vr_try_global)
#define vr_get (vr_host_->vr_get)
#define vr_try_get (vr_host_->vr_try_get)
#define vr_deref (vr_host_->vr_deref)
#define vr_index (vr_host_->vr_index)
#define vr_cast (vr_host_->vr_cast)
#define vr_container_of (vr_host_->vr_container_of)
#define vr_u64 (vr_host_->vr_u64)
#define vr_str (vr_host_->vr_str)
#define vr_bytes (vr_host_->vr_bytes)
#define vr_try_u64 (vr_host_->vr_try_u64)
#define vr_try_str (vr_host_->vr_try_str)
#define vr_has (vr_host_->vr_has)
#define vr_has_member (vr_host_->vr_has_member)
#define vr_has_symbol (vr_host_->vr_has_symbol)
#define vr_sizeof (vr_host_->vr_sizeof)
#define vr_offsetof (vr_host_->vr_offsetof)
#define vr_symbol (vr_host_->vr_symbol)
#define vr_try_symbol (vr_host_->vr_try_symbol)
#define vr_symbolize (vr_host_->vr_symbolize)
#define vr_constant (vr_host_->vr_constant)
#define vr_read (vr_host_->vr_read)
#define vr_view_bind (vr_host_->vr_view_bind)
#define vr_view_fill (vr_host_->vr_view_fill)
#define vr_scope_enter (vr_host_->vr_scope_enter)
#define vr_scope_leave (vr_host_->vr_scope_leave)
#define vr_failed (vr_host_->vr_failed)
#define vr_latch (vr_host_->vr_latch)
#define vr_cut (vr_host_->vr_cut)
#define vr_json_object (vr_host_->vr_json_object)
#define vr_json_array (vr_host_->vr_json_array)
#define vr_json_free (vr_host_->vr_json_free)
#define vr_json_set_string (vr_host_->vr_json_set_string)
#define vr_json_set_bytes (vr_host_->vr_json_set_bytes)
#define vr_json_set_int (vr_host_->vr_json_set_int)
#define vr_json_set_uint (vr_host_->vr_json_set_uint)
#define vr_json_set_real (vr_host_->vr_json_set_real)
#define vr_json_set_bool (vr_host_->vr_json_set_bool)
#define vr_json_set_null (vr_host_->vr_json_set_null)
#define vr_json_set_addr (vr_host_->vr_json_set_addr)
#define vr_json_add_object (vr_host_->vr_json_add_object)
#define vr_json_add_array (vr_host_->vr_json_add_array)
#define vr_json_text (vr_host_->vr_json_text)
#define vr_iter_next (vr_host_->vr_iter_next)
#define vr_iter_end (vr_host_->vr_iter_end)
#define vr_iter_index (vr_host_->vr_iter_index)
#define vr_iter_value (vr_host_->vr_iter_value)
#define vr_iter_list (vr_host_->vr_iter_list)
#define vr_iter_hlist (vr_host_->vr_iter_hlist)
#define vr_iter_rbtree (vr_host_->vr_iter_rbtree)
#define vr_iter_xarray (vr_host_->vr_iter_xarray)
#define vr_iter_idr (vr_host_->vr_iter_idr)
#define vr_iter_maple (vr_host_->vr_iter_maple)
#define vr_xarray_load (vr_host_->vr_xarray_load)
#define vr_iter_processes (vr_host_->vr_iter_processes)
#define vr_iter_threads (vr_host_->vr_iter_threads)
#define vr_find_task (vr_host_->vr_find_task)
#define vr_cpu_current (vr_host_->vr_cpu_current)
#define vr_task_comm (vr_host_->vr_task_comm)
#define vr_task_state (vr_host_->vr_task_state)
#define vr_task_cpu (vr_host_->vr_task_cpu)
#define vr_task_stack_text (vr_host_->vr_task_stack_text)
#define vr_iter_per_cpu (vr_host_->vr_iter_per_cpu)
#define vr_iter_cpus (vr_host_->vr_iter_cpus)
#define vr_nr_cpus (vr_host_->vr_nr_cpus)
#define vr_per_cpu (vr_host_->vr_per_cpu)
#define vr_per_cpu_addr (vr_host_->vr_per_cpu_addr)
#define vr_iter_modules (vr_host_->vr_iter_modules)
#define vr_module_name (vr_host_->vr_module_name)
#define vr_file_new (vr_host_->vr_file_new)
#define vr_file_new_at (vr_host_->vr_file_new_at)
#define vr_file_end (vr_host_->vr_file_end)
#define vr_printf (vr_host_->vr_printf)
#define vr_puts (vr_host_->vr_puts)
#define vr_write (vr_host_->vr_write)
#define vr_printable (vr_host_->vr_printable)
#define vr_print_json (vr_host_->vr_print_json)
#define vr_row_begin (vr_host_->vr_row_begin)
#define vr_row_end (vr_host_->vr_row_end)
#define vr_file_source (vr_host_->vr_file_source)
#define vr_write_text (vr_host_->vr_write_text)
#define vr_write_lines (vr_host_->vr_write_lines)
#define vr_write_json (vr_host_->vr_write_json)
#define vr_omit (vr_host_->vr_omit)
#define vr_warn (vr_host_->vr_warn)
#define vr_fail (vr_host_->vr_fail)
#define vr_alert (vr_host_->vr_alert)
#define vr_note (vr_host_->vr_note)
#define vr_headline (vr_host_->vr_headline)
#define vr_option_bool (vr_host_->vr_option_bool)
#define vr_option_number (vr_host_->vr_option_number)
#define vr_option_text (vr_host_->vr_option_text)
#endif

#endif
