"""Passes over a whole domain: what QEMU and libvirt add by themselves, addresses, names, checks."""
