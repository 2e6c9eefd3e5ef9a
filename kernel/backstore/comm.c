// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LIO backstore "comm": a storage object is one logical unit of type 09h
 * (communications device, SCSI-2 section 18), the receive side of one network
 * interface. Whatever fabric exports it carries RFC 2143.
 *
 * The operation codes are a whitelist. No initiator may reserve a network, or
 * have the target copy into it, so nothing of that is here; and what the core
 * would answer for us is let through one operation code at a time.
 */
#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <scsi/scsi_proto.h>
#include <target/target_core_base.h>
#include <target/target_core_backend.h>

#include "comm.h"
#include "compat.h"
#include "scsiip.h"

#define COMM_VERSION	"1.0"

/**
 * struct comm_dev - a storage object
 * @rcu: the core reaches @se_dev under RCU
 * @se_dev: the core's part
 * @unit: the interface behind it; enabled while @se_dev is configured
 */
struct comm_dev {
	struct rcu_head rcu;
	struct se_device se_dev;
	struct scsiip_unit unit;
};

static struct comm_dev *to_comm(struct se_device *se_dev)
{
	return container_of(se_dev, struct comm_dev, se_dev);
}

static int comm_attach_hba(struct se_hba *hba, u32 host_id)
{
	return 0;
}

static void comm_detach_hba(struct se_hba *hba)
{
}

static struct se_device *comm_alloc_device(struct se_hba *hba, const char *name)
{
	struct comm_dev *comm = kzalloc(sizeof(*comm), GFP_KERNEL);

	if (!comm)
		return NULL;
	comm->unit.serial = comm->se_dev.t10_wwn.unit_serial;
	return &comm->se_dev;
}

static int comm_configure_device(struct se_device *se_dev)
{
	struct se_dev_attrib *attrib = &se_dev->dev_attrib;
	const char *name = config_item_name(&se_dev->dev_group.cg_item);
	struct scsiip_unit *unit = &to_comm(se_dev)->unit;
	int ret;

	if (!unit->attach && strscpy(unit->netdev, name, IFNAMSIZ) < 0) {
		pr_err("comm: %s: too long for the name of an interface\n", name);
		ret = -EINVAL;
		goto err;
	}

	/* never 0: the core divides by it */
	attrib->hw_block_size = 512;
	attrib->hw_max_sectors = 128;
	attrib->hw_queue_depth = 128;
	/* alloc_device() is too early for these */
	attrib->emulate_pr = 0;
	attrib->emulate_3pc = 0;

	ret = scsiip_unit_enable(unit);
	if (!ret)
		return 0;
	pr_err("comm: %s: interface %s: error %d\n", name, unit->netdev, ret);
err:
	/* a name that only this has put there */
	if (!unit->attach)
		unit->netdev[0] = '\0';
	return ret;
}

static void comm_destroy_device(struct se_device *se_dev)
{
	scsiip_unit_disable(&to_comm(se_dev)->unit);
}

static void comm_free_device(struct se_device *se_dev)
{
	struct comm_dev *comm = to_comm(se_dev);

	kfree_rcu(comm, rcu);
}

static int comm_set_param(struct scsiip_unit *unit, const char *key,
			  const char *value)
{
	if (!strcmp(key, "netdev")) {
		if (!dev_valid_name(value) || strchr(value, '%')) {
			pr_err("comm: netdev=%s: not the name of an interface\n",
			       value);
			return -EINVAL;
		}
		strscpy(unit->netdev, value, sizeof(unit->netdev));
		unit->attach = true;
		return 0;
	}
	if (!strcmp(key, "network")) {
		if (!scsiip_network_valid(value)) {
			pr_err("comm: network=%s: not 0 to 31 printable characters\n",
			       value);
			return -EINVAL;
		}
		strscpy(unit->network, value, sizeof(unit->network));
		return 0;
	}
	pr_err("comm: %s: unknown parameter, there are netdev and network\n",
	       key);
	return -EINVAL;
}

/* netdev=NAME and network=NAME, comma-separated; all are taken or none. */
static ssize_t comm_set_configfs_dev_params(struct se_device *se_dev,
					    const char *page, ssize_t count)
{
	struct comm_dev *comm = to_comm(se_dev);
	struct scsiip_unit parsed = comm->unit;
	char *copy, *rest, *param;
	int ret = 0;

	if (target_dev_configured(se_dev)) {
		pr_err("comm: parameters cannot change once enabled\n");
		return -EBUSY;
	}

	copy = kstrndup(page, count, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	rest = copy;
	while (!ret && (param = strsep(&rest, ",\n"))) {
		char *value = strchr(param, '=');

		if (!*param)
			continue;
		if (value)
			*value++ = '\0';
		ret = comm_set_param(&parsed, param, value ?: "");
	}
	kfree(copy);
	if (ret)
		return ret;

	/* only these: enabling may be going on, and owns the rest */
	strscpy(comm->unit.netdev, parsed.netdev, sizeof(parsed.netdev));
	strscpy(comm->unit.network, parsed.network, sizeof(parsed.network));
	comm->unit.attach = parsed.attach;
	return count;
}

static ssize_t comm_show_configfs_dev_params(struct se_device *se_dev, char *b)
{
	struct scsiip_unit *unit = &to_comm(se_dev)->unit;
	struct scsiip_identity identity;

	if (!target_dev_configured(se_dev))
		return sprintf(b, "netdev: %s  network: %s  state: not enabled\n",
			       unit->netdev, unit->network);

	scsiip_unit_identity(unit, &identity);
	return sprintf(b, "netdev: %s  network: %s  lladdr: %pM  mtu: %u  state: %s\n",
		       unit->netdev, identity.network, identity.lladdr,
		       identity.mtu,
		       !identity.mtu ? "interface missing" :
		       scsiip_unit_ready(unit) ? "up" : "down");
}

static u32 comm_get_device_type(struct se_device *se_dev)
{
	return TYPE_COMM;
}

/* The core asks for it to choose a sense format. */
static sector_t comm_get_blocks(struct se_device *se_dev)
{
	return 0;
}

/* Return data of a command whose size the core has checked. */
static void comm_complete_data_in(struct se_cmd *cmd, const u8 *data,
				  unsigned int len)
{
	sg_copy_from_buffer(cmd->t_data_sg, cmd->t_data_nents, data,
			    min(len, cmd->data_length));
	target_complete_cmd_with_length(cmd, SAM_STAT_GOOD, len);
}

static sense_reason_t comm_execute_test_unit_ready(struct se_cmd *cmd)
{
	if (!scsiip_unit_ready(&to_comm(cmd->se_dev)->unit))
		return TCM_ALUA_OFFLINE;

	target_complete_cmd(cmd, SAM_STAT_GOOD);
	return 0;
}

/* The core's list of pages cannot be changed, and has those of a disk. */
static sense_reason_t comm_execute_supported_pages(struct se_cmd *cmd)
{
	static const u8 page[] = { TYPE_COMM, 0x00, 0, 4,
				   0x00, 0x80, 0x83, SCSIIP_IDENTITY_PAGE };

	comm_complete_data_in(cmd, page, sizeof(page));
	return 0;
}

static sense_reason_t comm_execute_identity(struct se_cmd *cmd)
{
	struct scsiip_identity identity;
	u8 page[SCSIIP_IDENTITY_LEN];

	scsiip_unit_identity(&to_comm(cmd->se_dev)->unit, &identity);
	scsiip_identity_encode(&identity, page);
	comm_complete_data_in(cmd, page, sizeof(page));
	return 0;
}

/**
 * struct comm_opcode - a supported command
 * @usage: CDB usage data, SPC-4 section 6.35.3; the first byte is the
 *	operation code
 * @len: of the CDB
 * @has_action: the command is told by a service action
 * @action: that
 */
struct comm_opcode {
	u8 usage[12];
	u8 len;
	bool has_action;
	u16 action;
};

static const struct comm_opcode comm_opcodes[] = {
	{ { TEST_UNIT_READY }, 6 },
	{ { REQUEST_SENSE, 0, 0, 0, 0xff }, 6 },
	{ { SCSIIP_SEND_MESSAGE_6, 0xe0, 0xff, 0xff, 0xff }, 6 },
	{ { INQUIRY, 0x01, 0xff, 0xff, 0xff }, 6 },
	{ { MODE_SENSE, 0x08, 0xff, 0xff, 0xff }, 6 },
	{ { SCSIIP_SEND_MESSAGE_10, 0xe0, 0, 0, 0, 0x0f, 0, 0xff, 0xff }, 10 },
	{ { MODE_SENSE_10, 0x18, 0xff, 0xff, 0, 0, 0, 0xff, 0xff }, 10 },
	{ { REPORT_LUNS, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, 12 },
	{ { MAINTENANCE_IN, 0x1f, 0x87, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff }, 12, true,
	  MI_REPORT_SUPPORTED_OPERATION_CODES },
	{ { SCSIIP_SEND_MESSAGE_12, 0xe0, 0, 0, 0, 0x0f,
	    0xff, 0xff, 0xff, 0xff }, 12 },
};

#define RSOC_HEADER_LEN		4
#define RSOC_DESCRIPTOR_LEN	8
#define RSOC_TIMEOUTS_LEN	12

/* A timeouts descriptor that names none, SPC-4 section 6.35.4 */
static unsigned int comm_put_timeouts(u8 *buf)
{
	put_unaligned_be16(RSOC_TIMEOUTS_LEN - 2, buf);
	return RSOC_TIMEOUTS_LEN;
}

static unsigned int comm_report_all(u8 *buf, bool timeouts)
{
	unsigned int len = RSOC_HEADER_LEN, i;

	for (i = 0; i < ARRAY_SIZE(comm_opcodes); i++) {
		const struct comm_opcode *opcode = &comm_opcodes[i];
		u8 *descriptor = buf + len;

		descriptor[0] = opcode->usage[0];
		put_unaligned_be16(opcode->action, &descriptor[2]);
		descriptor[5] = opcode->has_action | timeouts << 1;
		put_unaligned_be16(opcode->len, &descriptor[6]);
		len += RSOC_DESCRIPTOR_LEN;
		if (timeouts)
			len += comm_put_timeouts(buf + len);
	}
	put_unaligned_be32(len - RSOC_HEADER_LEN, buf);
	return len;
}

static unsigned int comm_report_one(u8 *buf, bool timeouts,
				    const struct comm_opcode *opcode)
{
	unsigned int len = RSOC_HEADER_LEN;

	if (!opcode) {
		buf[1] = 1;	/* not supported */
		return len;
	}

	buf[1] = 3 | timeouts << 7;
	put_unaligned_be16(opcode->len, &buf[2]);
	memcpy(buf + len, opcode->usage, opcode->len);
	len += opcode->len;
	if (timeouts)
		len += comm_put_timeouts(buf + len);
	return len;
}

/*
 * REPORT SUPPORTED OPERATION CODES, SPC-4 section 6.35. The core's own answer
 * takes 2Ah for WRITE(10), and a backstore without blocks for granted not to
 * be there.
 */
static sense_reason_t comm_execute_report_opcodes(struct se_cmd *cmd)
{
	u8 buf[RSOC_HEADER_LEN + ARRAY_SIZE(comm_opcodes) *
	       (RSOC_DESCRIPTOR_LEN + RSOC_TIMEOUTS_LEN)] = {};
	const u8 *cdb = cmd->t_task_cdb;
	u16 action = get_unaligned_be16(&cdb[4]);
	const struct comm_opcode *found = NULL;
	bool timeouts = cdb[2] & 0x80;
	u8 options = cdb[2] & 0x07;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(comm_opcodes); i++)
		if (comm_opcodes[i].usage[0] == cdb[3])
			found = &comm_opcodes[i];

	switch (options) {
	case 0:
		len = comm_report_all(buf, timeouts);
		break;
	case 1:
		if (found && found->has_action)
			return TCM_INVALID_CDB_FIELD;
		len = comm_report_one(buf, timeouts, found);
		break;
	case 2:
		if (found && !found->has_action)
			return TCM_INVALID_CDB_FIELD;
		fallthrough;
	case 3:
		if (found && found->action != action)
			found = NULL;
		len = comm_report_one(buf, timeouts, found);
		break;
	default:
		return TCM_INVALID_CDB_FIELD;
	}

	comm_complete_data_in(cmd, buf, len);
	return 0;
}

static sense_reason_t comm_sense_reason(enum scsiip_verdict verdict)
{
	switch (verdict) {
	case SCSIIP_SHORT_DATA:
	case SCSIIP_SHORT_DATAGRAM:
		return TCM_PARAMETER_LIST_LENGTH_ERROR;
	case SCSIIP_BAD_HEADER:
	case SCSIIP_SPOOFED:
		return TCM_INVALID_PARAMETER_LIST;
	case SCSIIP_NOT_READY:
		return TCM_ALUA_OFFLINE;	/* 04h/12h */
	case SCSIIP_BUSY:
		return TCM_LUN_BUSY;
	default:
		return TCM_INVALID_CDB_FIELD;
	}
}

static sense_reason_t comm_complete_send_message(struct se_cmd *cmd,
						 enum scsiip_verdict verdict)
{
	if (verdict != SCSIIP_ACCEPTED)
		return comm_sense_reason(verdict);

	target_complete_cmd(cmd, SAM_STAT_GOOD);
	return 0;
}

/* Name of the initiator port that a command comes from, or NULL. */
static const char *comm_initiator(const struct se_cmd *cmd)
{
	const struct se_session *session = cmd->se_sess;

	return session && session->se_node_acl ?
	       session->se_node_acl->initiatorname : NULL;
}

static sense_reason_t comm_execute_send_message(struct se_cmd *cmd)
{
	struct scsiip_unit *unit = &to_comm(cmd->se_dev)->unit;
	enum scsiip_verdict verdict = SCSIIP_ACCEPTED;
	struct scsiip_message msg;
	bool ours;

	scsiip_parse_cdb(cmd->t_task_cdb, &msg);
	if (msg.length) {
		/*
		 * Only pages the core has allocated for this command are ours:
		 * a fabric that brings its own may use them again.
		 */
		ours = !(cmd->se_cmd_flags & SCF_PASSTHROUGH_SG_TO_MEM_NOALLOC);
		verdict = scsiip_unit_receive(unit, comm_initiator(cmd), &msg,
					      cmd->t_data_sg, cmd->t_data_nents,
					      ours);
	}
	return comm_complete_send_message(cmd, verdict);
}

/**
 * comm_takes_skb() - is this a SEND MESSAGE for a storage object of ours?
 * @cmd: parsed, and not yet executed
 *
 * Context: any. Return: whether comm_receive_skb() may execute it.
 */
bool comm_takes_skb(const struct se_cmd *cmd)
{
	return cmd->execute_cmd == comm_execute_send_message;
}
EXPORT_SYMBOL_GPL(comm_takes_skb);

/**
 * comm_receive_skb() - execute a SEND MESSAGE whose datagram is at hand
 * @cmd: one that comm_takes_skb() said yes to
 * @skb: the datagram that its data-out consists of, which stays the caller's
 *
 * Context: any. Return: 0 if it completes, or what it is refused with.
 */
sense_reason_t comm_receive_skb(struct se_cmd *cmd, const struct sk_buff *skb)
{
	struct scsiip_unit *unit = &to_comm(cmd->se_dev)->unit;
	enum scsiip_verdict verdict;

	verdict = scsiip_unit_receive_skb(unit, comm_initiator(cmd), skb);
	return comm_complete_send_message(cmd, verdict);
}
EXPORT_SYMBOL_GPL(comm_receive_skb);

static enum scsiip_verdict comm_check_send_message(struct se_cmd *cmd)
{
	struct scsiip_message msg;
	enum scsiip_verdict verdict;

	verdict = scsiip_parse_cdb(cmd->t_task_cdb, &msg);
	if (verdict != SCSIIP_ACCEPTED)
		return verdict;

	if (cmd->unknown_data_length)
		cmd->data_length = msg.length;

	/* the core would allocate whatever the transport says */
	if (cmd->data_length > SCSIIP_MAX_TRANSFER)
		return SCSIIP_TOO_LONG;
	if (msg.length > cmd->data_length)
		return SCSIIP_SHORT_DATA;
	if (cmd->data_length && cmd->data_direction != DMA_TO_DEVICE)
		return SCSIIP_SHORT_DATA;

	if (msg.length < cmd->data_length) {
		cmd->se_cmd_flags |= SCF_UNDERFLOW_BIT;
		cmd->residual_count = cmd->data_length - msg.length;
	}
	return SCSIIP_ACCEPTED;
}

static sense_reason_t comm_parse_send_message(struct se_cmd *cmd)
{
	enum scsiip_verdict verdict = comm_check_send_message(cmd);

	if (verdict != SCSIIP_ACCEPTED) {
		scsiip_unit_refused(&to_comm(cmd->se_dev)->unit, verdict);
		return comm_sense_reason(verdict);
	}

	/* all of it will be written: no need to clear the pages first */
	cmd->se_cmd_flags |= SCF_SCSI_DATA_CDB;
	cmd->execute_cmd = comm_execute_send_message;
	return 0;
}

/*
 * Have the core set up one of the SPC commands. It goes through the parser for
 * block devices, with no operations: that sets what the SPC emulation
 * dereferences, refuses what has no handler, and checks the sizes.
 */
static sense_reason_t comm_parse_spc(struct se_cmd *cmd,
				     sense_reason_t (*execute)(struct se_cmd *))
{
	static struct scsiip_exec_cmd_ops no_operations;
	sense_reason_t ret;

	/* none of them has data-out, but the core would allocate it */
	if (cmd->data_direction == DMA_TO_DEVICE && cmd->data_length)
		return TCM_INVALID_CDB_FIELD;

	cmd->execute_cmd = execute;
	ret = sbc_parse_cdb(cmd, &no_operations);
	if (ret)
		return ret;
	if (execute)
		cmd->execute_cmd = execute;

	/* a fabric may not know how to return nothing: iscsit drops the session */
	if (!cmd->data_length)
		cmd->data_direction = DMA_NONE;

	if (cmd->data_length > SCSIIP_MAX_TRANSFER) {
		if (!(cmd->se_cmd_flags & SCF_UNDERFLOW_BIT))
			cmd->residual_count = 0;
		cmd->se_cmd_flags |= SCF_UNDERFLOW_BIT;
		cmd->residual_count += cmd->data_length - SCSIIP_MAX_TRANSFER;
		cmd->data_length = SCSIIP_MAX_TRANSFER;
	}
	return 0;
}

static sense_reason_t comm_parse_inquiry(struct se_cmd *cmd)
{
	const u8 *cdb = cmd->t_task_cdb;

	if (!(cdb[1] & 0x01))
		return cdb[2] ? TCM_INVALID_CDB_FIELD :
				comm_parse_spc(cmd, NULL);

	switch (cdb[2]) {
	case 0x00:
		return comm_parse_spc(cmd, comm_execute_supported_pages);
	case 0x80:
	case 0x83:
		return comm_parse_spc(cmd, NULL);
	case SCSIIP_IDENTITY_PAGE:
		return comm_parse_spc(cmd, comm_execute_identity);
	default:
		return TCM_INVALID_CDB_FIELD;
	}
}

static sense_reason_t comm_parse(struct se_cmd *cmd)
{
	const u8 *cdb = cmd->t_task_cdb;

	switch (cdb[0]) {
	case SCSIIP_SEND_MESSAGE_6:
	case SCSIIP_SEND_MESSAGE_10:
	case SCSIIP_SEND_MESSAGE_12:
		return comm_parse_send_message(cmd);
	case INQUIRY:
		return comm_parse_inquiry(cmd);
	case TEST_UNIT_READY:
		return comm_parse_spc(cmd, comm_execute_test_unit_ready);
	case REPORT_LUNS:
	case REQUEST_SENSE:
	case MODE_SENSE:
	case MODE_SENSE_10:
		return comm_parse_spc(cmd, NULL);
	case MAINTENANCE_IN:
		if ((cdb[1] & 0x1f) != MI_REPORT_SUPPORTED_OPERATION_CODES)
			return TCM_INVALID_CDB_FIELD;
		return comm_parse_spc(cmd, comm_execute_report_opcodes);
	default:
		return TCM_UNSUPPORTED_SCSI_OPCODE;
	}
}

/* The longest iSCSI burst that nobody has asked for, RFC 7143 section 13.14 */
#define COMM_MAX_UNSOLICITED	(16 * 1024 * 1024)

/*
 * iscsit makes a list for the data of a refused command, too: without a bound
 * an initiator could have it ask for more than the allocator knows. What may
 * be on its way with the command must still be within the length.
 */
static sense_reason_t comm_parse_cdb(struct se_cmd *cmd)
{
	sense_reason_t ret = comm_parse(cmd);

	if (ret && cmd->data_length > COMM_MAX_UNSOLICITED)
		cmd->data_length = COMM_MAX_UNSOLICITED;
	return ret;
}

/* The core's attributes for a device that is not a disk, less emulate_pr. */
static struct configfs_attribute *comm_attributes[16];

static void comm_choose_attributes(void)
{
	unsigned int i, n = 0;

	for (i = 0; passthrough_attrib_attrs[i]; i++) {
		if (!strcmp(passthrough_attrib_attrs[i]->ca_name, "emulate_pr"))
			continue;
		if (n < ARRAY_SIZE(comm_attributes) - 1)
			comm_attributes[n++] = passthrough_attrib_attrs[i];
	}
}

static const struct target_backend_ops comm_ops = {
	.name			= "comm",
	.inquiry_prod		= "COMM",
	.inquiry_rev		= COMM_VERSION,
	.owner			= THIS_MODULE,
	.transport_flags_default = TRANSPORT_FLAG_PASSTHROUGH_ALUA |
				   TRANSPORT_FLAG_PASSTHROUGH_PGR,
	.attach_hba		= comm_attach_hba,
	.detach_hba		= comm_detach_hba,
	.alloc_device		= comm_alloc_device,
	.configure_device	= comm_configure_device,
	.destroy_device		= comm_destroy_device,
	.free_device		= comm_free_device,
	.set_configfs_dev_params = comm_set_configfs_dev_params,
	.show_configfs_dev_params = comm_show_configfs_dev_params,
	.parse_cdb		= comm_parse_cdb,
	.get_device_type	= comm_get_device_type,
	.get_blocks		= comm_get_blocks,
	.tb_dev_attrib_attrs	= comm_attributes,
};

/**
 * comm_unit() - the interface behind a storage object
 * @se_dev: any, configured
 *
 * Context: any. Return: valid as long as @se_dev is configured; NULL if that
 * belongs to another backstore.
 */
struct scsiip_unit *comm_unit(struct se_device *se_dev)
{
	return se_dev->transport == &comm_ops ? &to_comm(se_dev)->unit : NULL;
}
EXPORT_SYMBOL_GPL(comm_unit);

static int __init comm_init(void)
{
	comm_choose_attributes();
	return transport_backend_register(&comm_ops);
}

static void __exit comm_exit(void)
{
	target_backend_unregister(&comm_ops);
}

module_init(comm_init);
module_exit(comm_exit);

MODULE_DESCRIPTION("LIO backstore: SCSI communications device");
MODULE_LICENSE("GPL");
