# SPDX-License-Identifier: GPL-2.0-only
"""What rtslib has to know: a fabric module and a storage object.

rtslib may be there twice, as rtslib_fb and as rtslib, each with classes and
registries of its own. So the classes are made once for each.
"""
import errno
import os
import re
import sys

MODULE = "target_core_comm"
# of an interface, in bytes
NAME_LEN = 15
# printable ASCII, but the comma, which separates parameters
NETWORK = re.compile(r"[!-+\--~]{0,31}")
SERIAL = re.compile(r"[!-~]{1,250}")
# the line that the backstore has in a storage object's "info"
INFO = re.compile(r"netdev: (?P<netdev>\S*)  network: (?P<network>\S*)  "
                  r"(?:lladdr: (?P<lladdr>\S+)  mtu: (?P<mtu>\d+)  )?"
                  r"state: (?P<state>.*)")


def bad_interface(name):
    """What is wrong with the name of an interface, None if nothing is."""
    if len(name.encode()) > NAME_LEN:
        return "longer than %d characters" % NAME_LEN
    if name in ("", ".", "..") or re.search(r"[\s/:%]", name):
        return "not the name of a network interface"
    return None


def refusal(error, name, netdev):
    """What an error means that enabling a storage object has ended with."""
    known = {
        (errno.ENODEV, True): "netdev=%s: there is no such network interface",
        (errno.EINVAL, True): "netdev=%s: not a scsiip network interface",
        (errno.EBUSY, True): "netdev=%s: another storage object has it",
        (errno.EEXIST, False): "name=%s: there is a network interface of that "
                               "name; netdev=NAME attaches to one",
    }
    text = known.get((error.errno, netdev is not None))
    if text is None:
        return "%s: cannot be enabled: %s" % (name, error.strerror)
    return text % (netdev or name)


def storage_object_class(tcm):
    """The class for one of rtslib's module trees."""
    tree = tcm.StorageObject.__module__.rpartition(".")[0]
    utils = sys.modules[tree + ".utils"]
    fread, fwrite = utils.fread, utils.fwrite
    modprobe, generate_wwn = utils.modprobe, utils.generate_wwn
    RTSLibError = utils.RTSLibError

    class CommStorageObject(tcm.StorageObject):
        """A communications device: the unit of one network interface."""

        def __init__(self, name, netdev=None, network=None, wwn=None,
                     index=None):
            """
            With any of netdev, network and wwn it is created, otherwise it
            must be there.

            netdev: the existing interface to attach to; None makes one of the
            storage object's own name, which goes with it
            network: the network name, may be empty
            wwn: the unit serial number; without one it is generated
            """
            if netdev is None and network is None and wwn is None:
                super().__init__(name, "lookup", index)
                return

            self._check(name, netdev, network, wwn)
            if not os.path.isdir("/sys/module/" + MODULE):
                try:
                    modprobe(MODULE)
                except RTSLibError:
                    raise RTSLibError("Cannot load the kernel module %s"
                                      % MODULE)
            super().__init__(name, "create", index)
            try:
                self._configure(netdev, network, wwn)
            except BaseException:
                self.delete()
                raise

        @staticmethod
        def _check(name, netdev, network, wwn):
            """Refuse what the kernel would refuse, before anything is made."""
            if netdev is not None:
                wrong = bad_interface(netdev)
                if wrong:
                    raise RTSLibError("netdev=%s: %s" % (netdev, wrong))
                if name in ("", ".", "..") or re.search(r"[\s/]", name):
                    raise RTSLibError("name=%s: not a name" % name)
            else:
                wrong = bad_interface(name)
                if wrong:
                    raise RTSLibError("name=%s: %s" % (name, wrong))
            if not NETWORK.fullmatch(network or ""):
                raise RTSLibError("network=%s: not up to 31 printable ASCII "
                                  "characters without spaces and commas"
                                  % network)
            if wwn and not SERIAL.fullmatch(wwn):
                raise RTSLibError("wwn=%s: not a unit serial number" % wwn)

        def _configure(self, netdev, network, wwn):
            """Enable it. The serial number comes first: the interface's
            link-layer address is derived from it.
            """
            parameters = []
            if netdev is not None:
                parameters.append("netdev=" + netdev)
            if network:
                parameters.append("network=" + network)
            note = ",".join(parameters)
            try:
                fwrite("%s/wwn/vpd_unit_serial" % self.path,
                       (wwn or generate_wwn("unit_serial")) + "\n")
                if note:
                    self._control(note)
                    self._set_udev_path(note)
            except OSError as error:
                raise RTSLibError("%s: %s: %s" % (self.name, note or wwn,
                                                  error.strerror))
            try:
                self._enable()
            except OSError as error:
                raise RTSLibError(refusal(error, self.name, netdev))

        def _parameters(self):
            """What it was created with, which the kernel keeps for us."""
            note = fread("%s/udev_path" % self.path)
            return dict(part.split("=", 1) for part in note.split(",")
                        if "=" in part)

        def _get_info(self):
            self._check_self()
            found = INFO.search(fread("%s/info" % self.path))
            if not found:
                raise RTSLibError("%s: no line netdev: in %s/info"
                                  % (self.name, self.path))
            info = found.groupdict()
            if info["mtu"] == "0":  # the kernel says zeroes for all of them
                info["lladdr"] = info["mtu"] = None
                info["network"] = self._parameters().get("network", "")
            return info

        def _get_netdev(self):
            info = self.info
            return info["netdev"] or self.name

        def _get_attached(self):
            """Does the interface exist without the storage object?"""
            return "netdev" in self._parameters() or self.netdev != self.name

        def _get_network(self):
            return self.info["network"]

        def _get_wwn(self):
            self._check_self()
            serial = fread("%s/wwn/vpd_unit_serial" % self.path)
            return serial.partition(":")[2].strip()

        def _get_alua_supported(self):
            self._check_self()
            return False

        info = property(_get_info, doc="netdev, network, lladdr, mtu and "
                        "state as a dictionary; None for what is not there.")
        netdev = property(_get_netdev, doc="The name of the interface.")
        attached = property(_get_attached, doc=_get_attached.__doc__)
        network = property(_get_network, doc="The network name, or empty.")
        wwn = property(_get_wwn, tcm.StorageObject._set_wwn,
                       doc="The unit serial number.")
        alua_supported = property(_get_alua_supported, doc="No.")
        # not that of a file or device
        udev_path = property(lambda self: None, doc="None.")

        def delete(self, save=False):
            """
            Deletes it with its LUNs. Others may stay in its directory comm_N,
            where rtslib puts one only: made by hand.
            """
            try:
                super().delete(save)
            except OSError as error:
                if error.errno != errno.ENOTEMPTY or self.exists:
                    raise
                tcm.bs_cache.pop("comm/" + self.name, None)
                if save:
                    root = sys.modules[tree + ".root"]
                    root.RTSRoot().save_to_file(
                        root.default_save_file,
                        "/backstores/comm/" + self.name)

        def dump(self):
            d = super().dump()
            d["netdev"] = self.netdev if self.attached else None
            d["network"] = self.network
            d["wwn"] = self.wwn
            return d

    return CommStorageObject


def add_backstore(tcm):
    """Register the backstore with a module tcm of rtslib."""
    mapping, params = tcm.so_mapping, tcm.bs_params
    if "comm" in mapping:
        return
    for cls in mapping.values():
        if not isinstance(params[cls]["name"], str):
            raise TypeError("bs_params")
    for name in ("_control", "_enable", "_set_udev_path", "_set_wwn",
                 "_check_self", "delete", "dump"):
        getattr(tcm.StorageObject, name)
    cls = storage_object_class(tcm)
    params[cls] = {"name": "comm"}
    mapping["comm"] = cls


def fabric_class(fabric):
    """The class for one of rtslib's module trees."""
    RTSLibError, Target = fabric.RTSLibError, fabric.Target

    class ScsiipFabricModule(fabric._BaseFabricModule):
        """The bus inside the kernel, whose endpoints are targets."""

        def __init__(self):
            super().__init__("scsiip")
            # without tpgts targetcli enables a target each time it shows it
            self.features = ("acls", "tpgts")
            self.wwn_types = ("naa",)
            self.kernel_module = "tcm_scsiip"

        def _check_self(self):
            try:
                super()._check_self()
            except RTSLibError:
                raise RTSLibError("Cannot load the kernel module %s"
                                  % self.kernel_module)

        def _list_targets(self):
            """Those that rtslib can name: it changes letters and naa.6."""
            for name in os.listdir(self.path) if self.exists else ():
                try:
                    target = Target(self, name, "lookup")
                except RTSLibError:
                    continue
                if os.path.basename(target.path) == name:
                    yield target

        targets = property(_list_targets, doc="The endpoints.")

        def to_normalized_wwn(self, wwn):
            try:
                return super().to_normalized_wwn(wwn)
            except RTSLibError:
                raise RTSLibError("wwn=%s: not naa. and 16 hexadecimal digits "
                                  "that start with 1, 2 or 5" % wwn)

    return ScsiipFabricModule


def add_fabric(fabric):
    """Register the fabric with a module fabric of rtslib."""
    modules = fabric.fabric_modules
    if "scsiip" in modules:
        return
    for cls in modules.values():
        if not issubclass(cls, fabric._BaseFabricModule):
            raise TypeError("fabric_modules")
    cls = fabric_class(fabric)
    path = "%s/scsiip" % cls.configfs_dir
    if str(cls().path) != path:
        raise TypeError("path %s" % cls().path)
    modules["scsiip"] = cls
