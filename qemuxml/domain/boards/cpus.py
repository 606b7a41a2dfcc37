"""The CPU of a machine without ``-cpu``, ``qemu64`` of a PC, ``cortex-a15`` of ``virt``, and their number without ``-smp``."""

from __future__ import annotations

from typing import Final

from qemuxml.domain.boards.names import ARM, PPC64, S390, X86, by_machine, family, version

_ARM_CPUS: Final = by_machine({
    "arm1176": (
        "fp5280g2-bmc g220a-bmc romulus-bmc ast2500-evb sonorapass-bmc supermicro-x11spi-bmc tiogapass-bmc "
        "witherspoon-bmc yosemitev2-bmc"
    ),
    "arm11mpcore": "realview-eb-mpcore",
    "arm926": "integratorcp musicpal palmetto-bmc quanta-q71l-bmc realview-eb supermicrox11-bmc versatileab versatilepb",
    "cortex-a15": "midway vexpress-a15 virt",
    "cortex-a35": "ast2700-evb ast2700a0-evb ast2700a1-evb npcm845-evb",
    "cortex-a7": (
        "ast2600-evb bletchley-bmc bpim2u fby35-bmc fuji-bmc orangepi-pc qcom-dc-scm-v1-bmc qcom-firework-bmc rainier-bmc"
    ),
    "cortex-a8": "cubieboard realview-pb-a8",
    "cortex-a9": (
        "highbank kudo-bmc mori-bmc npcm750-evb nuri quanta-gbs-bmc quanta-gsj realview-pbx-a9 smdkc210 "
        "vexpress-a9 xilinx-zynq-a9"
    ),
    "cortex-m3": "emcraft-sf2 lm3s6965evb lm3s811evb mps2-an385 mps2-an511 netduino2 stm32vldiscovery",
    "cortex-m33": "mps2-an505 mps2-an521 mps3-an524 musca-a musca-b1",
    "cortex-m4": "ast1030-evb b-l475e-iot01a mps2-an386 netduinoplus2 olimex-stm32-h405",
    "cortex-m55": "mps3-an547",
    "cortex-m7": "mps2-an500",
    "cortex-r52": "mps3-an536",
    "neoverse-n2": "sbsa-ref",
    "sa1110": "collie",
    "ti925t": "sx1 sx1-v1",
})  # fmt: skip
_PPC_CPUS: Final = by_machine({
    "440epb": "bamboo", "460exb": "sam460ex", "604": "40p", "POWER8": "powernv8", "POWER9": "powernv9 pseries",
    "POWER10": "powernv powernv10 powernv10-rainier", "e500v2_v30": "mpc8544ds ppce500", "g3": "g3beige",
    "ppc64": "mac99", "7457": "amigaone pegasos2",
})  # fmt: skip
_PSERIES: Final = (((9, 0), "POWER10"), ((4, 0), "POWER9"), ((2, 8), "POWER8"), ((0,), "POWER7"))
_OTHER_CPUS: Final = {
    ("riscv64", "virt"): "rv64", ("riscv64", "spike"): "rv64",
    ("riscv64", "sifive_u"): "sifive-u54", ("riscv64", "sifive_e"): "sifive-e51", ("loongarch64", "virt"): "la464",
}  # fmt: skip


def default(arch: str | None, machine: str | None, emulator: str | None, accelerator: str | None) -> str | None:
    """The CPU of a machine without ``-cpu``; None where libvirt names none.

    ``host-model`` stands for the host's own CPU: the default of s390x under KVM.
    """
    name = family(machine)
    if arch in X86:
        return "486" if name == "isapc" else "qemu32" if (emulator or "").endswith("i386") else "qemu64"
    if arch in S390:
        return "host-model" if accelerator == "kvm" else "qemu"
    if arch in ARM:
        return _ARM_CPUS.get(name) if accelerator not in ("kvm", "hvf") else None
    if arch in PPC64:
        return _ppc_cpu(name, machine, accelerator)
    return _OTHER_CPUS.get((arch or "", name))


def _ppc_cpu(name: str, machine: str | None, accelerator: str | None) -> str | None:
    found = version(machine)
    if name == "pseries" and found and accelerator != "kvm":
        return next(model for since, model in _PSERIES if found >= since)
    return _PPC_CPUS.get(name)


_COUNTS: Final = by_machine({
    2: (
        "ast2600-evb bletchley-bmc fby35-bmc fuji-bmc kudo-bmc mori-bmc mps2-an521 mps3-an524 musca-a musca-b1 "
        "npcm750-evb nuri qcom-dc-scm-v1-bmc qcom-firework-bmc quanta-gbs-bmc quanta-gsj rainier-bmc sifive_u "
        "smdkc210"
    ),
    3: "fby35",
    5: "microchip-icicle-kit",
    4: (
        "ast2700a0-evb ast2700a1-evb bpim2u npcm845-evb orangepi-pc raspi2b raspi3ap raspi3b raspi4b sbsa-ref "
        "xlnx-versal-virt xlnx-zcu102"
    ),
})  # fmt: skip
"""The machines with more than one, as their binaries tell over QMP (``query-machines``)."""


def count(machine: str | None) -> int | None:
    """How many CPUs a machine has without ``-smp``; None for the most, which have one."""
    return _COUNTS.get(machine or "")


_MOST: Final = {
    "pc-i440fx": 255, "isapc": 1, "microvm": 288, "s390-ccw-virtio": 248,
    "g3beige": 1, "mac99": 1, "40p": 1, "bamboo": 1, "amigaone": 1, "pegasos2": 1, "sam460ex": 1,
}  # fmt: skip
_MOST_OF_VIRT: Final = {**dict.fromkeys(ARM, 512), "riscv64": 512, "riscv32": 512, "loongarch64": 256}
_MOST_OF_Q35: Final = (((9, 0), 4096), ((8, 1), 1024), ((2, 8), 288), ((0,), 255))


def most(arch: str | None, machine: str | None) -> int | None:
    """How many CPUs a machine can have (``query-machines``); None where that is not known."""
    name, found = family(machine), version(machine)
    if name == "virt":
        return _MOST_OF_VIRT.get(arch or "")
    if name == "pc-q35":
        return next(number for since, number in _MOST_OF_Q35 if not found or found >= since)
    return _MOST.get(name)
