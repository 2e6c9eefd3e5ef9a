/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One description of what is shown, and its forms: blocks, tables or lines of
 * text, and JSON. A command builds lists of records of fields; out_flush()
 * writes them.
 */
#ifndef SCSIIP_OUTPUT_H
#define SCSIIP_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

enum colour_mode {
	COLOUR_AUTO,
	COLOUR_ALWAYS,
	COLOUR_NEVER,
};

/**
 * struct options - what the command line says about output
 * @json: JSON instead of text
 * @pretty: JSON with line breaks
 * @oneline: a record on a line
 * @statistics: counters too
 * @colour: of text
 */
extern struct options {
	bool json;
	bool pretty;
	bool oneline;
	bool statistics;
	enum colour_mode colour;
} options;

/* error(): a message to stderr; in a batch, it begins with where that is */
void error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void error_position(const char *file, unsigned int line);

enum layout {
	LAYOUT_BLOCKS,
	LAYOUT_TABLE,
	LAYOUT_LINES,
};

enum colour {
	COLOUR_NONE,
	COLOUR_NAME,
	COLOUR_LLADDR,
	COLOUR_ADDRESS,
	COLOUR_GOOD,
	COLOUR_BAD,
};

/*
 * Keys are those of the JSON, labels those of the text: NULL for the key. Absent
 * values are null in JSON, and nothing or - in text. The first field of a record
 * is its headline.
 */
void out_list(enum layout layout);		/* start anew */
void out_single(void);				/* records stand for themselves */
void out_record(void);				/* ends with out_end() */
void out_nest(const char *key, const char *label);	/* a record in it */
void out_records(const char *key);			/* a list of them in it */
void out_end(void);
void out_text(const char *key, const char *label, enum colour colour,
	      const char *value);
void out_number(const char *key, const char *label, const char *unit,
		uint64_t value);
void out_bool(const char *key, const char *label, bool value);
void out_null(const char *key, const char *label);
void out_millis(const char *key, const char *label, uint64_t value);
/* The field before this does not go into a table, is not shown to people while 0 */
void out_detail(void);
void out_quiet(void);
void out_flush(void);
void out_discard(void);

#endif
