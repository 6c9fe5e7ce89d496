# SPDX-License-Identifier: GPL-2.0-or-later
#
# The front door. Meson and ninja do the building; this file says the few commands that people type, and
# installs the Debian packages that each of them needs.

BUILD ?= build
SANITIZED = $(BUILD)/sanitized
GUESTS = $(BUILD)/guest
# A guest takes about a minute and half a core; two at once fit most machines.
VARIANTS = default debian13
# What `make check-kernels` goes through, from Linux 5.10 to Debian unstable's: tests/guest/recipe/variants.py.
KERNELS = debian11 default la57 debian13 sid qemu qemu-bare shares

# GNU directory variables, for `make install`.
prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libdir ?= $(exec_prefix)/lib
includedir ?= $(prefix)/include
datarootdir ?= $(prefix)/share
datadir ?= $(datarootdir)
mandir ?= $(datarootdir)/man
sysconfdir ?= $(prefix)/etc
localstatedir ?= $(prefix)/var
DESTDIR ?=

PYTEST = VMCORE_REPORT=$(abspath $(BUILD))/vmcore-report VMCORE_TOOLS=$(abspath $(BUILD))/tests/tools \
 VMCORE_SANITIZED=$(abspath $(SANITIZED)) VMCORE_DUMPS=$(abspath $(GUESTS)) /usr/bin/python3 -m pytest
NINJA = ninja $(if $(V),-v)

.PHONY: all build demo check check-unit check-kernels guests bench bench-growth install install-files clean format help

all: build

help:
	@echo "make build    install what is needed to build, build $(BUILD)/vmcore-report"
	@echo "make demo     crash a virtual machine and report on it"
	@echo "make check    build with sanitizers too, and run every test"
	@echo "make check-kernels  test with kernels from 5.10 on and with QEMU's dumps (KERNELS=\"...\" for some)"
	@echo "make bench    measure (DUMP=file; default: the demo's dump)"
	@echo "make bench-growth  measure what many tasks cost"
	@echo "make install  install under prefix=$(prefix) (GNU directory variables, DESTDIR)"
	@echo "make format   format the sources"
	@echo "make clean    remove what was built, but for the dumps"

# Meson lists the sources when it configures: do that again whenever a file came or went.
define configure
	@scripts/configure.sh $(1) $(2)
endef

build:
	@scripts/packages.sh build
	$(call configure,$(BUILD),-Dwerror=true)
	@$(NINJA) -C $(BUILD)

demo: build
	@scripts/packages.sh guest
	@tests/guest/make-dump --out $(GUESTS)/default
	@scripts/demo.sh $(BUILD)/vmcore-report $(GUESTS)/default $(BUILD)/demo

guests:
	@scripts/packages.sh guest
	@for v in $(VARIANTS); do tests/guest/make-dump --out $(GUESTS)/$$v --variant $$v || exit 1; done

check: build
	@scripts/packages.sh guest check
	@$(MAKE) --no-print-directory check-unit guests
	@VMCORE_VARIANTS="$(VARIANTS)" $(PYTEST) -q tests/e2e tests/truth

# Each kernel takes a minute or two the first time, and 250 to 340 MB of its debuginfo.
check-kernels: build
	@scripts/packages.sh guest check check-kernels
	@$(NINJA) -C $(BUILD) test-tools
	@$(MAKE) --no-print-directory guests VARIANTS="$(KERNELS)"
	@tests/kernels/fetch-debuginfo --cache $(GUESTS)/packages $(KERNELS)
	@VMCORE_VARIANTS="$(KERNELS)" $(PYTEST) -q -m "not one_kernel" \
	 tests/e2e/test_engine.py tests/e2e/test_report.py tests/e2e/test_drgn.py tests/e2e/test_extract.py tests/e2e/test_python.py \
	 tests/truth tests/kernels

check-unit: build
	@scripts/packages.sh build check
	$(call configure,$(SANITIZED),-Dwerror=true -Db_sanitize=address$(comma)undefined -Db_lundef=false)
	@$(NINJA) -C $(BUILD) unit-tests test-tools
	@$(NINJA) -C $(SANITIZED) all unit-tests test-tools
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs
	@meson test -C $(SANITIZED) --no-rebuild --print-errorlogs

comma := ,

DUMP ?= $(GUESTS)/default/vmcore
bench: build
	@$(NINJA) -C $(BUILD) bench/bench-engine
	@$(BUILD)/bench/bench-engine $(DUMP)

# A machine with 5,000 threads more: what /proc costs for each.
bench-growth: build
	@$(MAKE) --no-print-directory guests VARIANTS="default crowd"
	@bench/growth --program $(BUILD)/vmcore-report $(GUESTS)/default/vmcore $(GUESTS)/crowd/vmcore

install: build
	@$(MAKE) --no-print-directory install-files

install-files:
	@meson configure $(BUILD) --prefix=$(prefix) --bindir=$(bindir) --libdir=$(libdir) \
	 --includedir=$(includedir) --datadir=$(datadir) --mandir=$(mandir) \
	 --sysconfdir=$(sysconfdir) --localstatedir=$(localstatedir)
	@$(NINJA) -C $(BUILD)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild --quiet

format:
	@clang-format -i $$(git ls-files '*.c' '*.h' ':!src/cli/templates')

clean:
	@rm -rf $(SANITIZED) $(BUILD)/demo
	@if [ -f $(BUILD)/build.ninja ]; then $(NINJA) -C $(BUILD) -t clean; fi
