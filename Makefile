# SPDX-License-Identifier: GPL-2.0-only
#
#	make modules [KVER=…] [KDIR=…]	the kernel modules, in build/modules/KVER
#	make modules SERIES=6.12	for Debian's newest kernel of a series: 6.1,
#					6.12, 6.1-rt, 6.12-rt, fetched if need be; or
#					6.1-debug, 6.12-debug, 6.1-um, 6.12-um, built
#					from its sources
#	make userspace	the tool scsiip, and the plugin for ip, in build/userspace
#	make install | uninstall	the modules of KVER, and the two below
#	make install-userspace | uninstall-userspace	the tool, its manual page and
#					completion, the plugin for ip; PREFIX, DESTDIR
#	make install-targetcli | uninstall-targetcli	the targetcli plugin, in PYDIR
#	make check | check-all		what must pass; and lint, more bytes, the demo,
#					the newest targetcli
#	make conformance		a SCSI conformance suite: docs/conformance.md
#	make check-debug	the scenarios of make check on the debug kernels, make
#					kunit, and what they cover together
#	make kunit	the KUnit suites in user-mode kernels, and what they cover
#	make fuzz [SEED=N]		10^8 inputs for what reads the wire, 10^6 SCSI commands
#	make selftests	the kernel's own network tests, over scsiip instead of veth
#	make soak HOURS=N [SEED=N]	traffic and faults for so long, memory and latency
#	make demo [N=2 | BUS=8] | bench
#	make deb	the Debian packages, in build/deb
#	make shell [SERIES=6.1] [N=2]	a root shell in a guest
#	make deps			install the Debian packages all this needs

MAKEFLAGS += --no-print-directory

ifneq ($(filter-out shell,$(or $(MAKECMDGOALS),all)),)
ifdef SERIES
KVER := $(shell tests/vm/kernel $(SERIES))
KDIR := $(CURDIR)/build/kernels/$(SERIES)/usr/src/linux-headers-$(KVER)
endif
endif
ifdef KDIR
KVER ?= $(shell cat $(KDIR)/include/config/kernel.release)
else
KVER ?= $(shell uname -r)
KDIR = /lib/modules/$(KVER)/build
endif
MDIR = $(CURDIR)/build/modules/$(KVER)
KBUILD = $(MAKE) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc)) \
	 -C $(KDIR) M=$(MDIR) W=1
# Counts the lines that are executed, where the kernel can (CONFIG_GCOV_KERNEL)
KBUILD += GCOV_PROFILE=y
# The user-mode kernel's scsiip.ko has the KUnit suites in it
um = $(filter %-um,$(KVER))
KBUILD += $(if $(um),ARCH=um)
N ?= 2
# Of the Python that rtslib and targetcli run with
PYTHON ?= /usr/bin/python3
PYDIR ?= $(shell $(PYTHON) -c 'import site; print(site.getsitepackages()[0])' 2> /dev/null)

all: modules userspace

# One tree, several kernels: each builds in a directory of links to the sources
$(MDIR)/farm: FORCE
	@mkdir -p $(MDIR)
	@find $(MDIR) -xtype l -delete
	@cd kernel && find . -type d -exec mkdir -p $(MDIR)/{} \;
	@cd kernel && find . \( -name '*.[chS]' -o -name Kbuild -o -name Makefile \) \
		! -name '*.mod.c' -exec sh -c \
		'for f; do ln -sf $(CURDIR)/kernel/$$f $(MDIR)/$$f; done' sh {} +
	@$(if $(um),ln -sf $(CURDIR)/kernel/net/Kbuild $(MDIR)/net/Kbuild.net)
	@$(if $(um),ln -sf $(CURDIR)/tests/kunit/*.[ch] $(CURDIR)/tests/kunit/Kbuild $(MDIR)/net)

modules: $(MDIR)/farm
	$(KBUILD) modules

userspace:
	$(MAKE) -C userspace O=$(CURDIR)/build/userspace

# and, for a kernel of SERIES, the modules of the tests
tools:
	$(MAKE) -C tests/tools O=$(CURDIR)/build/tools
ifdef SERIES
	@mkdir -p build/tools/$(KVER)
	@ln -sf $(CURDIR)/tests/tools/host/* build/tools/$(KVER)
	$(MAKE) -C $(KDIR) M=$(CURDIR)/build/tools/$(KVER) W=1 modules
endif

install: modules userspace
	$(KBUILD) modules_install
	depmod $(KVER)
	@$(MAKE) install-userspace install-targetcli

# modules_install puts them into extra or updates, as the kernel's age has it
uninstall:
	find /lib/modules/$(KVER)/extra /lib/modules/$(KVER)/updates \
		\( -name 'scsiip.ko*' -o -name 'target_core_comm.ko*' \
		-o -name 'tcm_scsiip.ko*' \) -delete 2> /dev/null || :
	depmod $(KVER)
	@$(MAKE) uninstall-userspace uninstall-targetcli

install-userspace uninstall-userspace:
	$(MAKE) -C userspace O=$(CURDIR)/build/userspace $(@:-userspace=)

# Nothing where there is no such Python. The .pth goes last, and first.
install-targetcli:
	$(if $(PYDIR),install -D -m 644 -t $(DESTDIR)$(PYDIR)/scsiip_targetcli targetcli-plugin/scsiip_targetcli/*.py)
	$(if $(PYDIR),install -m 644 -t $(DESTDIR)$(PYDIR) targetcli-plugin/scsiip_targetcli.pth)

uninstall-targetcli:
	$(if $(PYDIR),rm -f $(DESTDIR)$(PYDIR)/scsiip_targetcli.pth)
	$(if $(PYDIR),rm -rf $(DESTDIR)$(PYDIR)/scsiip_targetcli)

check: deps
	tests/run --unit --kernel check

check-all: deps lint
	N=3 tests/demo
	BUS=8 tests/demo
	tests/vm/newest-targetcli tests/unit/targetcli
	tests/vm/newest-targetcli tests/run --kernel 6.12 targetcli targetcli-reboot
	@$(MAKE) deb
	BYTES=$$((1 << 30)) tests/run --unit --kernel both
	tests/selftests/run
	tests/packages

conformance: deps
	tests/run --kernel both $@
	@cat build/run/6.12-$@/shared/suite.table build/run/6.12-$@/shared/sg.table

check-debug: deps
	tests/kunit/run
	tests/vm/provoke 6.1-debug
	tests/vm/provoke 6.12-debug
	tests/run --kernel debug
	tests/coverage --min=90

fuzz soak: deps
	@RUNS=$(RUNS) COMMANDS=$(COMMANDS) SEED=$(SEED) SERIES="$(SERIES)" HOURS=$(HOURS) tests/$@

selftests: deps
	tests/selftests/run

kunit: deps
	tests/kunit/run
	tests/coverage build/kunit

lint: deps
	tests/lint

# Of what git knows or could, where nothing else is built. The project has no
# address for mail yet, of which the linter would have to be told.
deb: deps
	rm -rf build/deb
	mkdir -p build/deb/scsiip
	git ls-files -co --exclude-standard | cpio --quiet -pd build/deb/scsiip
	cd build/deb/scsiip && dpkg-buildpackage -us -uc -b
	lintian --allow-root --fail-on error,warning \
		--suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog \
		build/deb/*.changes

demo bench: deps
	@N=$(N) BUS=$(BUS) INTERCONNECTS=$(INTERCONNECTS) SERIES=$(or $(SERIES),6.1) tests/$@

shell: deps
	@if [ -e kernel/Kbuild ]; then $(MAKE) -s modules SERIES=$(or $(SERIES),6.1); fi
	@tests/vm/boot -i -k $(or $(SERIES),6.1) -n $(N)

deps:
	@tests/vm/deps

clean:
	rm -rf build/modules build/run build/tools build/userspace build/unit

FORCE:
.PHONY: all modules userspace tools install uninstall install-userspace uninstall-userspace install-targetcli uninstall-targetcli check check-all check-debug conformance kunit selftests fuzz soak lint deb demo bench shell deps clean FORCE
