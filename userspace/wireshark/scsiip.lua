-- SPDX-License-Identifier: GPL-2.0-only
--
-- IP over SCSI (RFC 2143) for Wireshark and tshark: SEND MESSAGE to a
-- communications device over iSCSI, with the datagram decoded below it.
--
-- Wireshark's own iSCSI dissector finds the PDUs, reassembles them, and shows the
-- command as whatever has that operation code elsewhere (2Ah is WRITE(10)). This
-- looks at the PDUs it has found, so that it works on any port and with digests.
-- Whose device is of type 09h is not in each capture. A command counts as SEND
-- MESSAGE if it is one bit by bit, carries as many bytes as it says, and if these
-- are an IPv4, IPv6 or ARP packet; a WRITE(10) carries whole blocks.

local proto = Proto("scsiip", "IP over SCSI")

local names = {
	[0x0a] = "SEND MESSAGE(6)",
	[0x2a] = "SEND MESSAGE(10)",
	[0xaa] = "SEND MESSAGE(12)",
}
-- the low nibble of the Ethernet type
local protocols = { [0x0] = "IPv4", [0x6] = "ARP", [0xd] = "IPv6" }
local dissectors = { [0x0] = "ip", [0x6] = "arp", [0xd] = "ipv6" }

local f = proto.fields
f.opcode = ProtoField.uint8("scsiip.opcode", "Operation Code", base.HEX, names)
f.lun = ProtoField.uint8("scsiip.lun", "Logical Unit Number", base.DEC, nil, 0xe0,
	"The SCSI-2 field, for units below 8")
f.protocol = ProtoField.uint8("scsiip.protocol", "Protocol Type", base.HEX, protocols, 0x0f,
	"The low nibble of the Ethernet type")
f.length = ProtoField.uint32("scsiip.length", "Transfer Length", base.DEC)
f.control = ProtoField.uint8("scsiip.control", "Control", base.HEX)
f.commands = ProtoField.framenum("scsiip.command", "Command in", base.NONE, frametype.REQUEST)
f.data_in = ProtoField.framenum("scsiip.data_in", "Datagram complete in", base.NONE)

local function be(bytes, at, len)
	local value = 0
	for i = at, at + len - 1 do
		value = value * 256 + bytes:get_index(i)
	end
	return value
end

local pdus = Field.new("iscsi")
local streams = Field.new("tcp.stream")

-- Commands that wait for more data, by stream and initiator task tag
local pending
-- Whether a stream has header digests, of which a command with data tells
local header_digest
-- What was found in a frame: a list, which later passes show again
local found

function proto.init()
	pending, header_digest, found = {}, {}, {}
end

-- The CDB at an offset of a PDU: what it says, nil if it is no SEND MESSAGE
local function cdb(bytes, at)
	local opcode = bytes:get_index(at)
	local message = { opcode = opcode, cdb = bytes:subset(at, 12) }
	local zeroes

	if opcode == 0x0a then
		message.length, zeroes, message.control = be(bytes, at + 2, 3), {}, 5
	elseif opcode == 0x2a then
		message.length, zeroes, message.control = be(bytes, at + 7, 2), { 2, 3, 4, 6 }, 9
		message.protocol = 5
	elseif opcode == 0xaa then
		message.length, zeroes, message.control = be(bytes, at + 6, 4), { 2, 3, 4, 10 }, 11
		message.protocol = 5
	else
		return nil
	end
	for _, i in ipairs(zeroes) do
		if bytes:get_index(at + i) ~= 0 then
			return nil
		end
	end
	if message.length == 0 or bytes:get_index(at + 1) % 32 ~= 0 then
		return nil
	end
	if message.protocol then
		message.nibble = bytes:get_index(at + message.protocol)
		if not protocols[message.nibble] then
			return nil
		end
	end
	return message
end

-- Where the data of a PDU begins, and how long it is
local function data_of(bytes, header_digest)
	local at = 48 + bytes:get_index(4) * 4 + (header_digest and 4 or 0)
	local len = be(bytes, 5, 3)

	if len == 0 or at + len > bytes:len() then
		return nil
	end
	return at, len
end

-- Does a packet of that protocol begin so?
local function begins(nibble, first, second)
	if nibble == 0x6 then
		return first == 0 and second == 1
	end
	local version = math.floor(first / 16)
	return (version == 4 and nibble ~= 0xd) or (version == 6 and nibble ~= 0x0)
end

-- Data has come for a command, to that offset of its datagram
local function more(message, bytes, at, len, offset, number)
	for i = 0, len - 1 do
		message.data[offset + i] = bytes:get_index(at + i)
	end
	message.have = message.have + len
	if message.have < message.length then
		return
	end
	local data = ByteArray.new()
	data:set_size(message.length)
	for i = 0, message.length - 1 do
		data:set_index(i, message.data[i] or 0)
	end
	message.datagram, message.data, message.complete = data, nil, number
end

local function scsi_command(bytes, key, stream, number)
	local message = cdb(bytes, 32)

	pending[key] = nil
	if not message or be(bytes, 20, 4) ~= message.length then
		return nil
	end
	local function is_packet(header_digest)
		local at = data_of(bytes, header_digest)
		return at and begins(message.nibble, bytes:get_index(at), bytes:get_index(at + 1))
	end
	message.data, message.have, message.command = {}, 0, number
	if data_of(bytes, false) then
		if is_packet(false) then
			header_digest[stream] = false
		elseif is_packet(true) then
			header_digest[stream] = true
		else
			return nil
		end
		local at, len = data_of(bytes, header_digest[stream])
		more(message, bytes, at, math.min(len, message.length), 0, number)
	end
	if not message.datagram then
		pending[key] = message
	end
	return message
end

local function data_out(bytes, key, stream, number)
	local message = pending[key]

	if not message then
		return nil
	end
	local offset = be(bytes, 40, 4)
	local at, len = data_of(bytes, header_digest[stream])
	if not at or offset + len > message.length then
		return nil
	end
	if offset == 0 and not begins(message.nibble, bytes:get_index(at), bytes:get_index(at + 1)) then
		pending[key] = nil
		return nil
	end
	more(message, bytes, at, len, offset, number)
	if message.datagram then
		pending[key] = nil
		return message
	end
	return nil
end

-- What the PDUs of a frame are, in the order in which they came. The item of one
-- may be its header only, so its data is looked for behind that.
local function look(number)
	local list = {}
	local stream = tostring(streams())

	for _, pdu in ipairs({ pdus() }) do
		local bytes = pdu.source and pdu.source:range(pdu.offset):bytes()
		if bytes and bytes:len() >= 48 then
			local key = stream .. "/" .. tostring(bytes:subset(16, 4))
			local opcode, message = bytes:get_index(0) % 64, nil
			if opcode == 0x01 then
				message = scsi_command(bytes, key, stream, number)
			elseif opcode == 0x05 then
				message = data_out(bytes, key, stream, number)
			end
			if message then
				list[#list + 1] = message
			end
		end
	end
	return list
end

local function show_cdb(tree, message)
	local tvb = message.cdb:tvb("SEND MESSAGE")
	local length = { [0x0a] = { 2, 3 }, [0x2a] = { 7, 2 }, [0xaa] = { 6, 4 } }
	local where = length[message.opcode]
	local item = tree:add(proto, tvb(0, message.control + 1))

	item:append_text(", " .. names[message.opcode])
	item:add(f.opcode, tvb(0, 1))
	item:add(f.lun, tvb(1, 1))
	if message.protocol then
		item:add(f.protocol, tvb(message.protocol, 1))
		item:append_text(", " .. protocols[message.nibble])
	end
	item:add(f.length, tvb(where[1], where[2]))
	item:append_text(", " .. message.length .. " bytes")
	item:add(f.control, tvb(message.control, 1))
	return item
end

function proto.dissector(tvb, pinfo, tree)
	-- the fields may be there in a later pass only
	if not found[pinfo.number] and pdus() then
		found[pinfo.number] = look(pinfo.number)
	end
	for i, message in ipairs(found[pinfo.number] or {}) do
		-- not the WRITE(10) of which the other dissector has told
		if i == 1 then
			pinfo.cols.info:clear_fence()
			pinfo.cols.info:set("")
		end
		pinfo.cols.info:append((i > 1 and ", " or "") .. names[message.opcode] .. " ")
		pinfo.cols.info:fence()
		local item = show_cdb(tree, message)
		if message.complete ~= pinfo.number then
			if message.complete then
				item:add(f.data_in, message.complete):set_generated()
			end
		else
			if message.command ~= pinfo.number then
				item:add(f.commands, message.command):set_generated()
			end
			local datagram = message.datagram:tvb("Datagram")
			local nibble = message.nibble
			if not nibble then	-- SEND MESSAGE(6) leaves that to the datagram
				nibble = datagram(0, 1):bitfield(0, 4) == 6 and 0xd or 0x0
			end
			Dissector.get(dissectors[nibble]):call(datagram, pinfo, tree)
		end
	end
end

register_postdissector(proto)
