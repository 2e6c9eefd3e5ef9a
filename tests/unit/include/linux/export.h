/* SPDX-License-Identifier: GPL-2.0-only */
#define EXPORT_SYMBOL_GPL(symbol) extern __typeof__(symbol) symbol
