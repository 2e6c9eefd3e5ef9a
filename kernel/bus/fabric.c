// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LIO fabric "scsiip": a virtual SCSI bus inside one kernel. Each WWN is
 * an endpoint, a target port and an initiator port; those on one bus reach
 * each other as far as their ACLs allow. docs/bus.md is the reference of what
 * is in configfs.
 */
#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <scsi/scsi_proto.h>
#include <target/target_core_base.h>
#include <target/target_core_fabric.h>

#include "bus.h"
#include "compat.h"

#define BUS_QUEUE_DEPTH	64

static struct bus_endpoint *to_endpoint(struct se_portal_group *tpg)
{
	return container_of(tpg, struct bus_endpoint, tpg);
}

static char *bus_get_wwn(struct se_portal_group *tpg)
{
	return to_endpoint(tpg)->name;
}

static u16 bus_get_tag(struct se_portal_group *tpg)
{
	return 1;
}

static u32 bus_get_default_depth(struct se_portal_group *tpg)
{
	return BUS_QUEUE_DEPTH;
}

static u32 bus_get_inst_index(struct se_portal_group *tpg)
{
	return 1;
}

static u32 bus_sess_get_index(struct se_session *session)
{
	return 0;
}

static int bus_get_cmd_state(struct se_cmd *se_cmd)
{
	return 0;
}

static void bus_set_default_node_attributes(struct se_node_acl *acl)
{
}

/* naa. and 16 hexadecimal digits, by which names can be compared */
static bool bus_name_valid(const char *name)
{
	if (!strncmp(name, "naa.", 4) && strlen(name) == 20 &&
	    strspn(name + 4, "0123456789abcdef") == 16)
		return true;

	pr_err("scsiip: %s: not naa. and 16 hexadecimal digits in lower case\n",
	       name);
	return false;
}

static struct se_wwn *bus_make_wwn(struct target_fabric_configfs *tf,
				   struct config_group *group, const char *name)
{
	struct bus_endpoint *endpoint;

	if (!bus_name_valid(name))
		return ERR_PTR(-EINVAL);

	endpoint = kzalloc(sizeof(*endpoint), GFP_KERNEL);
	if (!endpoint)
		return ERR_PTR(-ENOMEM);

	strscpy(endpoint->name, name, sizeof(endpoint->name));
	INIT_LIST_HEAD(&endpoint->units);
	INIT_LIST_HEAD(&endpoint->nexuses);
	bus_add(endpoint);
	return &endpoint->wwn;
}

static void bus_drop_wwn(struct se_wwn *wwn)
{
	struct bus_endpoint *endpoint =
		container_of(wwn, struct bus_endpoint, wwn);

	bus_remove(endpoint);
	kfree(endpoint);
}

static struct se_portal_group *bus_make_tpg(struct se_wwn *wwn,
					    const char *name)
{
	struct bus_endpoint *endpoint =
		container_of(wwn, struct bus_endpoint, wwn);
	int ret;

	if (strcmp(name, "tpgt_1")) {
		pr_err("scsiip: %s: %s: there is only tpgt_1\n",
		       endpoint->name, name);
		return ERR_PTR(-EINVAL);
	}

	/* there may have been one before */
	memset(&endpoint->tpg, 0, sizeof(endpoint->tpg));
	endpoint->attrib = (struct bus_attrib){ .demo_mode_write_protect = true };
	endpoint->wanted = (struct bus_place){ .id = BUS_ANY_ID,
					       .max_id = BUS_DEFAULT_MAX_ID };
	ret = core_tpg_register(wwn, &endpoint->tpg, SCSI_PROTOCOL_SAS);
	return ret ? ERR_PTR(ret) : &endpoint->tpg;
}

static int bus_enable_tpg(struct se_portal_group *tpg, bool enable)
{
	return bus_enable(to_endpoint(tpg), enable);
}

static void bus_drop_tpg(struct se_portal_group *tpg)
{
	bus_enable(to_endpoint(tpg), false);
	core_tpg_deregister(tpg);
}

static int bus_post_link(struct se_portal_group *tpg, struct se_lun *lun)
{
	bus_link(to_endpoint(tpg), lun);
	return 0;
}

static void bus_pre_unlink(struct se_portal_group *tpg, struct se_lun *lun)
{
	bus_unlink(to_endpoint(tpg), lun);
}

/* The core has taken it from every initiator: now the devices go. */
static void bus_post_unlink(struct se_portal_group *tpg, struct se_lun *lun)
{
	bus_sync(to_endpoint(tpg));
}

static int bus_init_nodeacl(struct se_node_acl *acl, const char *name)
{
	if (!bus_name_valid(name))
		return -EINVAL;
	bus_sync(to_endpoint(acl->se_tpg));
	return 0;
}

#define BUS_FLAG(_name)							\
static int bus_check_##_name(struct se_portal_group *tpg)		\
{									\
	return READ_ONCE(to_endpoint(tpg)->attrib._name);		\
}									\
									\
static ssize_t bus_tpg_attrib_##_name##_show(struct config_item *item,	\
					     char *page)		\
{									\
	return sprintf(page, "%d\n",					\
		       bus_check_##_name(attrib_to_tpg(item)));		\
}									\
									\
static ssize_t bus_tpg_attrib_##_name##_store(struct config_item *item,	\
					      const char *page,		\
					      size_t count)		\
{									\
	struct bus_endpoint *endpoint = to_endpoint(attrib_to_tpg(item)); \
	bool value;							\
	int ret;							\
									\
	ret = kstrtobool(page, &value);					\
	if (ret)							\
		return ret;						\
	WRITE_ONCE(endpoint->attrib._name, value);			\
	bus_sync(endpoint);						\
	return count;							\
}									\
CONFIGFS_ATTR(bus_tpg_attrib_, _name)

BUS_FLAG(generate_node_acls);
BUS_FLAG(cache_dynamic_acls);
BUS_FLAG(demo_mode_write_protect);
BUS_FLAG(prod_mode_write_protect);
BUS_FLAG(demo_mode_login_only);

/* What an endpoint has while it is enabled, and what it is to have else. */
static struct bus_place bus_get_place(struct config_item *item)
{
	struct bus_endpoint *endpoint = to_endpoint(attrib_to_tpg(item));
	struct bus_place place;

	mutex_lock(&bus_lock);
	place = endpoint->enabled ? endpoint->place : endpoint->wanted;
	mutex_unlock(&bus_lock);
	return place;
}

static int bus_parse_number(const char *page, int min, int max, int *value)
{
	int ret = kstrtoint(page, 0, value);

	if (ret)
		return ret;
	return *value < min || *value > max ? -EINVAL : 0;
}

#define BUS_NUMBER(_name, _min, _max)					\
static ssize_t bus_tpg_attrib_##_name##_show(struct config_item *item,	\
					     char *page)		\
{									\
	return sprintf(page, "%d\n",					\
		       (int)bus_get_place(item)._name);			\
}									\
									\
static ssize_t bus_tpg_attrib_##_name##_store(struct config_item *item,	\
					      const char *page,		\
					      size_t count)		\
{									\
	struct bus_endpoint *endpoint = to_endpoint(attrib_to_tpg(item)); \
	struct bus_place place;						\
	int value, ret;							\
									\
	ret = bus_parse_number(page, _min, _max, &value);		\
	if (ret)							\
		return ret;						\
									\
	mutex_lock(&bus_lock);						\
	place = endpoint->wanted;					\
	place._name = value;						\
	ret = bus_move(endpoint, &place);				\
	mutex_unlock(&bus_lock);					\
	if (ret)							\
		return ret;						\
	bus_sync(endpoint);						\
	return count;							\
}									\
CONFIGFS_ATTR(bus_tpg_attrib_, _name)

BUS_NUMBER(bus, 0, INT_MAX);
BUS_NUMBER(id, BUS_ANY_ID, BUS_LIMIT_MAX_ID - 1);
BUS_NUMBER(max_id, 2, BUS_LIMIT_MAX_ID);

static struct configfs_attribute *bus_tpg_attrib_attrs[] = {
	&bus_tpg_attrib_attr_bus,
	&bus_tpg_attrib_attr_id,
	&bus_tpg_attrib_attr_max_id,
	&bus_tpg_attrib_attr_generate_node_acls,
	&bus_tpg_attrib_attr_cache_dynamic_acls,
	&bus_tpg_attrib_attr_demo_mode_write_protect,
	&bus_tpg_attrib_attr_prod_mode_write_protect,
	&bus_tpg_attrib_attr_demo_mode_login_only,
	NULL,
};

/* The initiator port's host number, or -1 */
static ssize_t bus_tpg_host_show(struct config_item *item, char *page)
{
	struct bus_endpoint *endpoint = to_endpoint(to_tpg(item));
	int number = -1;

	mutex_lock(&bus_lock);
	if (endpoint->shost)
		number = endpoint->shost->host_no;
	mutex_unlock(&bus_lock);
	return sprintf(page, "%d\n", number);
}
CONFIGFS_ATTR_RO(bus_tpg_, host);

static ssize_t bus_tpg_dynamic_sessions_show(struct config_item *item,
					     char *page)
{
	return target_show_dynamic_sessions(to_tpg(item), page);
}
CONFIGFS_ATTR_RO(bus_tpg_, dynamic_sessions);

static struct configfs_attribute *bus_tpg_attrs[] = {
	&bus_tpg_attr_host,
	&bus_tpg_attr_dynamic_sessions,
	NULL,
};

static ssize_t bus_nacl_info_show(struct config_item *item, char *page)
{
	struct se_node_acl *acl = acl_to_nacl(item);
	ssize_t len;

	spin_lock_irq(&acl->nacl_sess_lock);
	len = sprintf(page, acl->nacl_sess ?
			      "Session with initiator port %s\n" :
			      "No session with initiator port %s\n",
		      acl->initiatorname);
	spin_unlock_irq(&acl->nacl_sess_lock);
	return len;
}
CONFIGFS_ATTR_RO(bus_nacl_, info);

static struct configfs_attribute *bus_nacl_attrs[] = {
	&bus_nacl_attr_info,
	NULL,
};

static const struct target_core_fabric_ops bus_ops = {
	.module				= THIS_MODULE,
	.fabric_name			= "scsiip",
	.tpg_get_wwn			= bus_get_wwn,
	.tpg_get_tag			= bus_get_tag,
	.tpg_get_default_depth		= bus_get_default_depth,
	.tpg_check_demo_mode		= bus_check_generate_node_acls,
	.tpg_check_demo_mode_cache	= bus_check_cache_dynamic_acls,
	.tpg_check_demo_mode_write_protect = bus_check_demo_mode_write_protect,
	.tpg_check_prod_mode_write_protect = bus_check_prod_mode_write_protect,
	.tpg_check_demo_mode_login_only	= bus_check_demo_mode_login_only,
	.tpg_get_inst_index		= bus_get_inst_index,
	.sess_get_index			= bus_sess_get_index,
	.set_default_node_attributes	= bus_set_default_node_attributes,
	.get_cmd_state			= bus_get_cmd_state,
	.check_stop_free		= bus_check_stop_free,
	.release_cmd			= bus_release_cmd,
	.write_pending			= bus_write_pending,
	.queue_data_in			= bus_queue_status,
	.queue_status			= bus_queue_status,
	.queue_tm_rsp			= bus_queue_tm_rsp,
	.aborted_task			= bus_aborted_task,
	.close_session			= bus_close_session,
	.fabric_make_wwn		= bus_make_wwn,
	.fabric_drop_wwn		= bus_drop_wwn,
	.fabric_make_tpg		= bus_make_tpg,
	.fabric_enable_tpg		= bus_enable_tpg,
	.fabric_drop_tpg		= bus_drop_tpg,
	.fabric_post_link		= bus_post_link,
	.fabric_pre_unlink		= bus_pre_unlink,
	.fabric_post_unlink		= bus_post_unlink,
	.fabric_init_nodeacl		= bus_init_nodeacl,
	.tfc_tpg_base_attrs		= bus_tpg_attrs,
	.tfc_tpg_attrib_attrs		= bus_tpg_attrib_attrs,
	.tfc_tpg_nacl_base_attrs	= bus_nacl_attrs,
	SCSIIP_QUEUE_SUBMIT
};

static int __init bus_module_init(void)
{
	int ret;

	ret = bus_init();
	if (ret)
		return ret;

	ret = bus_host_init();
	if (ret)
		goto err_bus;

	ret = target_register_template(&bus_ops);
	if (ret)
		goto err_host;
	return 0;

err_host:
	bus_host_exit();
err_bus:
	bus_exit();
	return ret;
}

static void __exit bus_module_exit(void)
{
	target_unregister_template(&bus_ops);
	bus_exit();
	bus_host_exit();
}

module_init(bus_module_init);
module_exit(bus_module_exit);

MODULE_DESCRIPTION("LIO fabric: a SCSI bus inside one kernel");
MODULE_LICENSE("GPL");
