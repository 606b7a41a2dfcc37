"""The names of QEMU 10.0's PCI devices, as data: what ``-device help`` of its binaries lists with ``bus PCI``, aliases too.

A device that is passed through takes a slot like any other; only its name tells that.
"""

from __future__ import annotations

from typing import Final

PCI_DEVICES: Final = frozenset(
    {
        "AC97", "AMDVI-PCI", "ES1370", "VGA", "ac97", "acpi-erst", "ahci", "am53c974", "ati-vga", "bochs-display",
        "cirrus-vga", "ctucan_pci", "cxl-downstream", "cxl-rp", "cxl-switch-mailbox-cci", "cxl-type3", "cxl-upstream",
        "dc390", "e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "edu", "es1370", "i6300esb", "i82378",
        "i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a", "i82558b", "i82559a", "i82559b", "i82559c",
        "i82559er", "i82562", "i82801", "i82801b11-bridge", "ich9-ahci", "ich9-intel-hda", "ich9-usb-ehci1", "ich9-usb-ehci2",
        "ich9-usb-uhci1", "ich9-usb-uhci2", "ich9-usb-uhci3", "ich9-usb-uhci4", "ich9-usb-uhci5", "ich9-usb-uhci6", "igb",
        "intel-hda", "ioh3420", "ivshmem-doorbell", "ivshmem-plain", "kvaser_pci", "lsi", "lsi53c810", "lsi53c895a",
        "macio-newworld", "macio-oldworld", "megasas", "megasas-gen2", "mioe3680_pci", "mptsas1068", "ne2k_pci",
        "nec-usb-xhci", "nvme", "pci-bridge", "pci-bridge-seat", "pci-ipmi-bt", "pci-ipmi-kcs", "pci-ohci", "pci-serial",
        "pci-serial-2x", "pci-serial-4x", "pci-testdev", "pcie-pci-bridge", "pcie-root-port", "pcm3680_pci", "pcnet",
        "piix3-ide", "piix3-usb-uhci", "piix4-ide", "piix4-usb-uhci", "pnv-phb-root-port", "pvpanic-pci", "pvscsi", "pxb",
        "pxb-cxl", "pxb-pcie", "qemu-xhci", "qxl", "qxl-vga", "riscv-iommu-pci", "rocker", "rtl8139", "sdhci-pci",
        "secondary-vga", "sii3112", "sm501", "sungem", "tpci200", "tulip", "ufs", "usb-ehci", "vfio-pci",
        "vfio-pci-igd-lpc-bridge", "vfio-pci-nohotplug", "vhost-scsi-pci", "vhost-scsi-pci-non-transitional",
        "vhost-scsi-pci-transitional", "vhost-user-blk-pci", "vhost-user-blk-pci-non-transitional",
        "vhost-user-blk-pci-transitional", "vhost-user-fs-pci", "vhost-user-gpio-pci", "vhost-user-gpu-pci",
        "vhost-user-i2c-pci", "vhost-user-input-pci", "vhost-user-rng-pci", "vhost-user-scmi-pci", "vhost-user-scsi-pci",
        "vhost-user-scsi-pci-non-transitional", "vhost-user-scsi-pci-transitional", "vhost-user-snd-pci", "vhost-user-vga",
        "vhost-user-vsock-pci", "vhost-user-vsock-pci-non-transitional", "vhost-vdpa-device-pci",
        "vhost-vdpa-device-pci-non-transitional", "vhost-vdpa-device-pci-transitional", "vhost-vsock-pci",
        "vhost-vsock-pci-non-transitional", "virtio-9p", "virtio-9p-pci", "virtio-9p-pci-non-transitional",
        "virtio-9p-pci-transitional", "virtio-balloon", "virtio-balloon-pci", "virtio-balloon-pci-non-transitional",
        "virtio-balloon-pci-transitional", "virtio-blk", "virtio-blk-pci", "virtio-blk-pci-non-transitional",
        "virtio-blk-pci-transitional", "virtio-crypto-pci", "virtio-gpu", "virtio-gpu-gl", "virtio-gpu-gl-pci",
        "virtio-gpu-pci", "virtio-input-host", "virtio-input-host-pci", "virtio-iommu", "virtio-iommu-pci", "virtio-keyboard",
        "virtio-keyboard-pci", "virtio-mem-pci", "virtio-mouse", "virtio-mouse-pci", "virtio-multitouch-pci", "virtio-net",
        "virtio-net-pci", "virtio-net-pci-non-transitional", "virtio-net-pci-transitional", "virtio-pmem-pci", "virtio-rng",
        "virtio-rng-pci", "virtio-rng-pci-non-transitional", "virtio-rng-pci-transitional", "virtio-scsi", "virtio-scsi-pci",
        "virtio-scsi-pci-non-transitional", "virtio-scsi-pci-transitional", "virtio-serial", "virtio-serial-pci",
        "virtio-serial-pci-non-transitional", "virtio-serial-pci-transitional", "virtio-sound", "virtio-sound-pci",
        "virtio-tablet", "virtio-tablet-pci", "virtio-vga", "virtio-vga-gl", "vmware-svga", "vmxnet3", "x-pci-proxy-dev",
        "x3130-upstream", "xen-platform", "xio3130-downstream",
    }
)  # fmt: skip
