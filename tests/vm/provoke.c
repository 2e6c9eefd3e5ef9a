// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a debug kernel must report, one of it each time this is loaded, which
 * it never is for long: tests/vm/provoke.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *what = "";
module_param(what, charp, 0);

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);
static void __rcu *pointer;

static void never(struct timer_list *timer)
{
}

static void use_after_free(void)
{
	volatile char *byte = kmalloc(64, GFP_KERNEL);

	kfree((void *)byte);
	if (byte)
		byte[8];
}

/* which lib/ does for us */
static void copy_too_much(void)
{
	char *from = kmalloc(64, GFP_KERNEL), *to = kmalloc(16, GFP_KERNEL);
	struct scatterlist sg;

	if (from && to) {
		sg_init_one(&sg, from, 64);
		sg_copy_to_buffer(&sg, 1, to, 24);
	}
	kfree(from);
	kfree(to);
}

static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void unprotected(void)
{
	rcu_dereference(pointer);
}

static void sleep_locked(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
}

static void armed_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, never, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
}

/* more than one, as a stale register or stack slot may still name the last */
static void leak(void)
{
	int i;

	for (i = 0; i < 16; i++)
		(void)!kmalloc(200, GFP_KERNEL);
}

static int __init provoke_init(void)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} all[] = {
		{ "use-after-free", use_after_free },
		{ "copy-too-much", copy_too_much },
		{ "lock-order", lock_order },
		{ "unprotected", unprotected },
		{ "sleep-locked", sleep_locked },
		{ "armed-timer", armed_timer },
		{ "leak", leak },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(what, all[i].name))
			all[i].fn();
	return -ENODEV;
}
module_init(provoke_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a debug kernel must report");
