# SPDX-License-Identifier: GPL-2.0-only
"""The backstore comm and the fabric scsiip, for rtslib and targetcli.

scsiip_targetcli.pth has every Python program call install(). That only looks
out for the modules in WATCHED: when one of them has been imported, and not
before, it is extended. Programs that do not use rtslib import nothing more.
"""
import sys

# the module of another package: our module, and the function to call with it
WATCHED = {
    "rtslib.fabric": ("rts", "add_fabric"),
    "rtslib.tcm": ("rts", "add_backstore"),
    "rtslib_fb.fabric": ("rts", "add_fabric"),
    "rtslib_fb.tcm": ("rts", "add_backstore"),
    "targetcli.ui_backstore": ("ui", "add_backstore"),
    "targetcli.ui_target": ("ui", "describe_attributes"),
}

warned = []


class Finder:
    """Finds the watched modules where the other finders do."""

    def find_spec(self, name, path=None, target=None):
        if name not in WATCHED:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = Loader(spec.loader)
                return spec
        return None


class Loader:
    """Loads a module as its own loader does, then extends it."""

    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        try:
            extend(module)
        except Exception as error:
            warn_once(module, error)


def extend(module):
    """Have what is ours added to a watched module."""
    from importlib import import_module

    ours, function = WATCHED[module.__name__]
    getattr(import_module("." + ours, __name__), function)(module)


def warn_once(module, error):
    """Say which module has changed; the program goes on without us."""
    import warnings

    if warned:
        return
    warned.append(module.__name__)
    try:
        warnings.warn("scsiip_targetcli does not know this version of %s (%s: "
                      "%s): the backstore comm or the fabric scsiip is missing"
                      % (module.__name__, type(error).__name__, error),
                      RuntimeWarning, stacklevel=2)
    except Warning:
        pass    # python3 -W error


def install():
    """Look out for the watched modules from now on."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
