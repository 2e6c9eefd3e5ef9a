# SPDX-License-Identifier: GPL-2.0-only
"""What targetcli has to know: the directory /backstores/comm.

Everything about the fabric scsiip is generic in targetcli.
"""
import re
import subprocess
import sys

UNIT_SERIAL = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

# no other fabric has these
ATTRIBUTES = {
    "bus": "Number of the bus that the endpoint is on. Endpoints see those of "
           "their own bus.",
    "id": "SCSI ID on the bus. -1 for the lowest that is free.",
    "max_id": "IDs below this one can be addressed.",
}


def interfaces():
    """The names of the scsiip interfaces of this network namespace."""
    try:
        shown = subprocess.run(["ip", "-o", "link", "show", "type", "scsiip"],
                               stdout=subprocess.PIPE, timeout=10,
                               stderr=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return []
    return re.findall(r"^\d+: ([^:@]+)", shown.stdout.decode(), re.MULTILINE)


def storage_object_node_class(ui):
    """The class of /backstores/comm/NAME."""

    class UICommStorageObject(ui.UIStorageObject):
        """A communications device."""

        def __init__(self, storage_object, parent):
            super().__init__(storage_object, parent)
            # without ALUA there is nothing in there
            for child in [c for c in self.children if c.name == "alua"]:
                self.remove_child(child)

        def summary(self):
            so = self.rtsnode
            info = so.info
            text = [info["state"]]
            if info["lladdr"]:
                text.append(info["lladdr"])
            if info["network"]:
                text.append("network " + info["network"])
            return ("%s (%s) %s" % (so.netdev, ", ".join(text), so.status),
                    info["state"] in ("up", "down"))

        def ui_command_info(self):
            """
            Displays the interface behind the communications device and its
            state, its link-layer address, MTU and network name, and the unit
            serial number.

            STATE
            =====
            - up and down are the interface's
            - interface missing: it was deleted. When one of that name appears
              in the same network namespace, it is attached again.
            - not enabled: made by hand in configfs, and not finished
            """
            so = self.rtsnode
            info = so.info
            for name, value in (
                    ("name", so.name),
                    ("netdev", so.netdev),
                    ("attached to an existing interface",
                     "yes" if so.attached else "no"),
                    ("network", info["network"]),
                    ("state", info["state"]),
                    ("link-layer address", info["lladdr"]),
                    ("mtu", info["mtu"]),
                    ("wwn", so.wwn),
                    ("status", so.status)):
                if value:
                    self.shell.log.info("%s: %s" % (name, value))

    return UICommStorageObject


def backstore_node_class(ui, so_class, node_class):
    """The class of /backstores/comm."""

    class UICommBackstore(ui.UIBackstore):
        """The communications devices."""

        def __init__(self, parent):
            self.so_cls = node_class
            super().__init__("comm", parent)

        def ui_command_create(self, name, netdev=None, network=None, wwn=None):
            """
            Creates a communications device: a logical unit through which
            other hosts send to a network interface of this one.

            PARAMETERS
            ==========

            name
            ----
            Of the storage object. Without netdev an interface of that name is
            made, and goes when the storage object is deleted; then it has 15
            characters at most.

            netdev
            ------
            The existing scsiip interface to attach to.

            network
            -------
            The network name, up to 31 printable ASCII characters without
            spaces and commas. Hosts of one network have the same. Other hosts
            do not take a unit without one by themselves.

            wwn
            ---
            The unit serial number, 8-4-4-4-12 hexadecimal digits. Other hosts
            know the unit by it, and the address of the interface is derived
            from it. If omitted, a random one is generated.

            EXAMPLE
            =======
            create name=sip0 network=lab
            ----------------------------
            Makes the interface sip0 on the network lab.

            SEE ALSO
            ========
            delete
            """
            self.assert_root()

            netdev = self.ui_eval_param(netdev, "string", None)
            network = self.ui_eval_param(network, "string", None)
            wwn = self.ui_eval_param(wwn, "string", None)
            if wwn is not None:
                self._check_wwn(wwn)

            so = so_class(name, netdev=netdev, network=network or "", wwn=wwn)
            node = node_class(so, self)
            self.shell.log.info("Created communications device %s with "
                                "interface %s." % (name, so.netdev))
            return self.new_node(node)

        @staticmethod
        def _check_wwn(wwn):
            if not UNIT_SERIAL.fullmatch(wwn):
                raise ui.ExecutionError("wwn=%s: not 8-4-4-4-12 hexadecimal "
                                        "digits" % wwn)
            for so in ui.RTSRoot().storage_objects:
                if so.is_configured() and so.wwn == wwn:
                    raise ui.ExecutionError("wwn=%s: storage object %s/%s has "
                                            "it" % (wwn, so.plugin, so.name))

        def ui_complete_create(self, parameters, text, current_param):
            """Completes netdev: scsiip interfaces without a unit."""
            if current_param != "netdev":
                return []
            taken = [child.rtsnode.netdev for child in self.children]
            names = [name for name in interfaces()
                     if name.startswith(text) and name not in taken]
            return [names[0] + " "] if len(names) == 1 else names

    return UICommBackstore


def add_backstore(ui):
    """Add the directory to a module ui_backstore of targetcli."""
    tcm = sys.modules[ui.RTSRoot.__module__.rpartition(".")[0] + ".tcm"]
    so_class = tcm.so_mapping.get("comm")
    if so_class is None:
        return
    for name in ("assert_root", "new_node", "ui_eval_param", "remove_child"):
        getattr(ui.UIBackstore, name)
    getattr(ui, "ExecutionError")
    node = backstore_node_class(ui, so_class, storage_object_node_class(ui))
    refresh = ui.UIBackstores.refresh

    def refresh_with_comm(self):
        refresh(self)
        if "comm" not in [child.name for child in self.children]:
            node(self)

    ui.UIBackstores.refresh = refresh_with_comm


def describe_attributes(ui):
    """Add to a module ui_target of targetcli what the attributes mean."""
    for name, text in ATTRIBUTES.items():
        ui.UITPG.ui_desc_attributes.setdefault(name, ("number", text))
