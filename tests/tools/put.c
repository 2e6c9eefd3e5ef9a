// SPDX-License-Identifier: GPL-2.0-only
/*
 * put FILE TEXT
 *
 * Write TEXT to FILE in one piece. Says the name of the errno and ends with 1
 * if that is refused: unlike what a shell says, no matter of language.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3)
		errx(2, "put FILE TEXT");
	fd = open(argv[1], O_WRONLY);
	if (fd < 0)
		err(2, "%s", argv[1]);
	if (write(fd, argv[2], strlen(argv[2])) >= 0)
		return 0;
	puts(strerrorname_np(errno));
	return 1;
}
