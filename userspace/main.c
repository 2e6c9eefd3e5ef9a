// SPDX-License-Identifier: GPL-2.0-only
/*
 * Apart from scsiip.c so that the unit tests can have a main() of their own.
 */
#include <err.h>
#include <stdio.h>

#include "commands.h"

int main(int argc, char **argv)
{
	enum status status = scsiip(argc, argv);

	if (fflush(stdout) || ferror(stdout))
		err(STATUS_KERNEL, "standard output");
	return status;
}
