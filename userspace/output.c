// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tree of fields, and its forms.
 */
#include <ctype.h>
#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

#define MAX_COLUMNS	32

struct options options;

enum node_type {
	TYPE_NULL,
	TYPE_TEXT,
	TYPE_NUMBER,
	TYPE_BOOL,
	TYPE_RECORD,
	TYPE_LIST,
};

/* key and label are string constants, the rest is owned */
struct node {
	enum node_type type;
	enum colour colour;
	bool detail;		/* not in a table */
	bool quiet;		/* not in text while 0 */
	const char *key;
	const char *label;
	uint64_t number;
	char *text;		/* the value, or what people read for it */
	struct node *parent;
	struct node *child;
	struct node *last;
	struct node *next;
};

static struct node root = { .type = TYPE_LIST };
static struct node *current = &root;
static enum layout layout;
static bool single;

/* --- messages --- */

static struct {
	const char *file;
	unsigned int line;
} position;

void error_position(const char *file, unsigned int line)
{
	position.file = file;
	position.line = line;
}

void error(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "scsiip: ");
	if (position.file)
		fprintf(stderr, "%s:%u: ", position.file, position.line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* --- the tree --- */

static struct node *add(enum node_type type, const char *key, const char *label)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		err(2, "out of memory");
	node->type = type;
	node->key = key;
	node->label = label ?: key;
	node->parent = current;
	if (current->last)
		current->last->next = node;
	else
		current->child = node;
	current->last = node;
	return node;
}

static void set_text(struct node *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(&node->text, format, args) < 0)
		err(2, "out of memory");
	va_end(args);
}

static void free_children(struct node *node)
{
	struct node *child, *next;

	for (child = node->child; child; child = next) {
		next = child->next;
		free_children(child);
		free(child->text);
		free(child);
	}
	node->child = NULL;
	node->last = NULL;
}

void out_discard(void)
{
	free_children(&root);
	current = &root;
}

void out_list(enum layout how)
{
	out_discard();
	layout = how;
	single = false;
}

void out_single(void)
{
	out_discard();
	layout = LAYOUT_LINES;
	single = true;
}

void out_record(void)
{
	current = add(TYPE_RECORD, NULL, NULL);
}

void out_nest(const char *key, const char *label)
{
	current = add(TYPE_RECORD, key, label);
}

void out_records(const char *key)
{
	current = add(TYPE_LIST, key, NULL);
}

void out_end(void)
{
	current = current->parent;
}

void out_text(const char *key, const char *label, enum colour colour,
	      const char *value)
{
	struct node *node = add(value ? TYPE_TEXT : TYPE_NULL, key, label);

	node->colour = colour;
	if (value)
		set_text(node, "%s", value);
}

void out_number(const char *key, const char *label, const char *unit,
		uint64_t value)
{
	struct node *node = add(TYPE_NUMBER, key, label);

	node->number = value;
	set_text(node, "%" PRIu64 "%s%s", value, unit ? " " : "", unit ?: "");
}

void out_bool(const char *key, const char *label, bool value)
{
	struct node *node = add(TYPE_BOOL, key, label);

	node->number = value;
	set_text(node, value ? "yes" : "no");
}

void out_null(const char *key, const char *label)
{
	add(TYPE_NULL, key, label);
}

void out_millis(const char *key, const char *label, uint64_t value)
{
	struct node *node = add(TYPE_NUMBER, key, label);
	uint64_t seconds = value / 1000;

	node->number = value;
	if (seconds < 10)
		set_text(node, "%" PRIu64 ".%" PRIu64 "s", seconds, value % 1000 / 100);
	else if (seconds < 60)
		set_text(node, "%" PRIu64 "s", seconds);
	else if (seconds < 3600)
		set_text(node, "%" PRIu64 "m%" PRIu64 "s", seconds / 60, seconds % 60);
	else
		set_text(node, "%" PRIu64 "h%" PRIu64 "m", seconds / 3600,
			 seconds / 60 % 60);
}

void out_detail(void)
{
	current->last->detail = true;
}

void out_quiet(void)
{
	current->last->quiet = true;
}

/* --- JSON --- */

/* Strings come from devices: bytes beyond ASCII are Latin-1, whatever was
 * meant, so that it is valid
 */
static void json_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c > '~')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void json_break(int depth)
{
	if (options.pretty)
		printf("\n%*s", 4 * depth, "");
}

static void json_node(const struct node *node, int depth)
{
	const struct node *child;
	bool record = node->type == TYPE_RECORD;

	switch (node->type) {
	case TYPE_NULL:
		printf("null");
		return;
	case TYPE_TEXT:
		json_string(node->text);
		return;
	case TYPE_NUMBER:
		printf("%" PRIu64, node->number);
		return;
	case TYPE_BOOL:
		printf(node->number ? "true" : "false");
		return;
	case TYPE_RECORD:
	case TYPE_LIST:
		break;
	}
	putchar(record ? '{' : '[');
	for (child = node->child; child; child = child->next) {
		json_break(depth + 1);
		if (record) {
			json_string(child->key);
			printf(options.pretty ? ": " : ":");
		}
		json_node(child, depth + 1);
		if (child->next)
			putchar(',');
	}
	if (node->child)
		json_break(depth);
	putchar(record ? '}' : ']');
}

static void json(void)
{
	const struct node *record;

	if (!single) {
		json_node(&root, 0);
		putchar('\n');
		return;
	}
	for (record = root.child; record; record = record->next) {
		json_node(record, 0);
		putchar('\n');
	}
}

/* --- text --- */

static bool coloured(void)
{
	const char *no_color = getenv("NO_COLOR");

	switch (options.colour) {
	case COLOUR_ALWAYS:
		return true;
	case COLOUR_NEVER:
		return false;
	case COLOUR_AUTO:
		break;
	}
	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

static const char *const colour_codes[] = {
	[COLOUR_NAME] = "\033[1;36m",
	[COLOUR_LLADDR] = "\033[33m",
	[COLOUR_ADDRESS] = "\033[35m",
	[COLOUR_GOOD] = "\033[32m",
	[COLOUR_BAD] = "\033[31m",
};

/* Nothing that a device says gets at the terminal but graphic characters.
 * Returns the width.
 */
static int print_value(const struct node *node, bool print)
{
	const char *text = node->text ?: "-";
	bool colour = print && node->colour && coloured();
	int width = 0;

	if (colour)
		fputs(colour_codes[node->colour], stdout);
	if (!*text) {
		width = 2;
		if (print)
			fputs("\"\"", stdout);
	}
	for (; *text; text++) {
		bool graphic = *text >= ' ' && *text <= '~';

		width += graphic ? 1 : 4;
		if (!print)
			continue;
		if (graphic)
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
	}
	if (colour)
		fputs("\033[0m", stdout);
	return width;
}

static int print_heading(const char *label, bool print)
{
	const char *c;

	for (c = label; print && *c; c++)
		putchar(toupper((unsigned char)*c));
	return strlen(label);
}

static bool is_nested(const struct node *node)
{
	return node->type == TYPE_RECORD || node->type == TYPE_LIST;
}

static bool is_shown(const struct node *node)
{
	const struct node *child;

	if (node->type != TYPE_RECORD)
		return node->type != TYPE_NULL && !(node->quiet && !node->number);
	for (child = node->child; child; child = child->next)
		if (is_shown(child))
			return true;
	return false;
}

static void block(const struct node *record, int indent)
{
	const struct node *node;

	for (node = record->child; node; node = node->next) {
		bool head = node == record->child && !record->label;

		if (node->type == TYPE_LIST) {
			const struct node *child;

			for (child = node->child; child; child = child->next)
				block(child, indent + 2);
			continue;
		}
		if (!is_shown(node))
			continue;
		printf("%*s%s:", indent + (head ? 0 : 2), "", node->label);
		if (node->type == TYPE_RECORD) {
			putchar('\n');
			block(node, indent + 2);
			continue;
		}
		putchar(' ');
		print_value(node, true);
		putchar('\n');
	}
}

static void blocks(void)
{
	const struct node *record;

	for (record = root.child; record; record = record->next) {
		block(record, 0);
		if (record->next)
			putchar('\n');
	}
}

/* A record as words, keys and values by turns, numbers as in JSON; where lines
 * are how it is always shown, labels and values, and some need no label
 */
static void words(const struct node *record, bool *first)
{
	const struct node *node;
	const char *label;

	for (node = record->child; node; node = node->next) {
		if (is_nested(node)) {
			words(node, first);
			continue;
		}
		if (node->type == TYPE_NULL)
			continue;
		if (!*first)
			putchar(' ');
		*first = false;
		label = options.oneline ? node->key : node->label;
		printf("%s%s", label, *label ? " " : "");
		if (options.oneline && node->type == TYPE_NUMBER)
			printf("%" PRIu64, node->number);
		else
			print_value(node, true);
	}
}

static void lines(void)
{
	const struct node *record;

	for (record = root.child; record; record = record->next) {
		bool first = true;

		words(record, &first);
		putchar('\n');
	}
}

static bool in_table(const struct node *node)
{
	return !is_nested(node) && !node->detail;
}

static int table_cell(const struct node *node, bool head, bool print)
{
	return head ? print_heading(node->label, print) :
	       print_value(node, print);
}

/* The width of the column that begins with that node of the first record */
static int table_width(const struct node *column)
{
	const struct node *record, *node, *first;
	int width = strlen(column->label), cell;

	for (record = root.child; record; record = record->next) {
		node = record->child;
		for (first = root.child->child; first != column; first = first->next)
			node = node->next;
		cell = print_value(node, false);
		if (cell > width)
			width = cell;
	}
	return width;
}

static void table_row(const struct node *record, const int *widths, bool head)
{
	const struct node *node;
	int pad = 0, i = 0;

	for (node = record->child; node && i < MAX_COLUMNS; node = node->next, i++) {
		if (!in_table(node))
			continue;
		printf("%*s", pad, "");
		pad = widths[i] - table_cell(node, head, true) + 2;
	}
	putchar('\n');
}

/* All records of a table have the same fields */
static void table(void)
{
	const struct node *record, *node;
	int widths[MAX_COLUMNS] = { }, i = 0;

	if (!root.child)
		return;
	for (node = root.child->child; node && i < MAX_COLUMNS; node = node->next, i++)
		widths[i] = in_table(node) ? table_width(node) : 0;
	table_row(root.child, widths, true);
	for (record = root.child; record; record = record->next) {
		table_row(record, widths, false);
		for (node = record->child; node; node = node->next)
			if (node->type == TYPE_RECORD)
				block(node, 2);
	}
}

void out_flush(void)
{
	if (options.json)
		json();
	else if (options.oneline || layout == LAYOUT_LINES)
		lines();
	else if (layout == LAYOUT_TABLE)
		table();
	else
		blocks();
	fflush(stdout);
	out_discard();
}
