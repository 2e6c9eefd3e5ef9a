// SPDX-License-Identifier: GPL-2.0-only
/*
 * mpirun … ring-alltoall: a token goes round all processes, each adding to it; then
 * everyone sends everyone a block of its own, of growing length. Contents are
 * checked. Prints "ring US", a hop in microseconds, and "alltoall BYTES MBYTES", how
 * many megabytes a second go through all of them together.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 200
#define BYTES (1 << 20)

static int rank, size;

static void ring(void)
{
	const int right = (rank + 1) % size, left = (rank + size - 1) % size;
	double begun = MPI_Wtime();
	long token = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (rank == 0)
			MPI_Send(&token, 1, MPI_LONG, right, i, MPI_COMM_WORLD);
		MPI_Recv(&token, 1, MPI_LONG, left, i, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		token++;
		if (rank != 0)
			MPI_Send(&token, 1, MPI_LONG, right, i, MPI_COMM_WORLD);
	}
	if (rank != 0)
		return;
	if (token != (long)ROUNDS * size) {
		fprintf(stderr, "the token says %ld, not %ld\n", token, (long)ROUNDS * size);
		MPI_Abort(MPI_COMM_WORLD, 1);
	}
	printf("ring %.1f\n", (MPI_Wtime() - begun) * 1e6 / ROUNDS / size);
}

/* What FROM has for TO in round ROUND, at I */
static unsigned char content(int from, int to, int round, int i)
{
	return from * 31 + to * 7 + round * 3 + i + (i >> 8);
}

static void alltoall(int bytes)
{
	unsigned char *out = malloc((size_t)bytes * size), *in = malloc((size_t)bytes * size);
	const int rounds = bytes < 65536 ? 16 : 4;
	double seconds = 0;
	int round, other, i;

	if (!out || !in)
		MPI_Abort(MPI_COMM_WORLD, 1);
	for (round = 0; round < rounds; round++) {
		for (other = 0; other < size; other++)
			for (i = 0; i < bytes; i++)
				out[other * bytes + i] = content(rank, other, round, i);
		MPI_Barrier(MPI_COMM_WORLD);
		seconds -= MPI_Wtime();
		MPI_Alltoall(out, bytes, MPI_BYTE, in, bytes, MPI_BYTE, MPI_COMM_WORLD);
		seconds += MPI_Wtime();
		for (other = 0; other < size; other++)
			for (i = 0; i < bytes; i++)
				if (in[other * bytes + i] != content(other, rank, round, i)) {
					fprintf(stderr, "%d bytes: wrong at %d from %d\n",
						bytes, i, other);
					MPI_Abort(MPI_COMM_WORLD, 1);
				}
	}
	if (rank == 0)
		printf("alltoall %d %.2f\n", bytes,
		       (double)bytes * size * (size - 1) * rounds / seconds / 1e6);
	free(out);
	free(in);
}

int main(int argc, char **argv)
{
	int bytes;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	ring();
	for (bytes = 16; bytes <= BYTES; bytes <<= 4)
		alltoall(bytes);
	MPI_Finalize();
	return 0;
}
