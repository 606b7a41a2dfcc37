"""The main memory of a machine: its id (``default-ram-id``: ``pc.ram``), and how much there is without ``-m``.

The most have 128 MiB, but a ``raspi3b`` has the 1 GiB of the real board. Asked of QEMU 10.0, machine by machine
(``query-machines``, ``info memory_size_summary``).
"""

from __future__ import annotations

from typing import Final

from qemuxml.domain.boards.names import by_machine, family
from qemuxml.mapping.codecs import KIB, MIB

_RAM: Final = by_machine({
    "DDR": "mps3-an524 mps3-an536 mps3-an547",
    "an5206.ram": "an5206",
    "boston.ddr": "boston",
    "bpim2u.ram": "bpim2u",
    "cubieboard.ram": "cubieboard",
    "ddr": "xlnx-versal-virt",
    "ddr-ram": "xlnx-zcu102",
    "ext-sdram": "gdbsim-r5f562n7 gdbsim-r5f562n8",
    "fuloong2e.ram": "fuloong2e",
    "highbank.dram": "highbank midway",
    "imx25.ram": "imx25-pdk",
    "imx8mp-evk.ram": "imx8mp-evk",
    "integrator.ram": "integratorcp",
    "kzm.ram": "kzm",
    "leon3.ram": "leon3_generic",
    "loongson3.highram": "loongson3-virt",
    "m68k_mac.ram": "q800",
    "mach-virt.ram": "virt",
    "mcf5208.ram": "mcf5208evb",
    "mcimx6ul-evk.ram": "mcimx6ul-evk",
    "mcimx7d-sabre.ram": "mcimx7d-sabre",
    "microchip.icicle.kit.ram": "microchip-icicle-kit",
    "microvm.ram": "microvm",
    "mips_jazz.ram": "magnum pica61",
    "mips_malta.ram": "malta",
    "mips_mipssim.ram": "mipssim",
    "mpc8544ds.ram": "mpc8544ds ppce500",
    "mps.ram": "mps2-an385 mps2-an386 mps2-an500 mps2-an505 mps2-an511 mps2-an521",
    "musicpal.ram": "musicpal",
    "next.ram": "next-cube",
    "omap1.dram": "sx1 sx1-v1",
    "orangepi.ram": "orangepi-pc",
    "pc.ram": "isapc pc-i440fx pc-q35",
    "pegasos2.ram": "pegasos2",
    "pnv.ram": "powernv powernv10 powernv10-rainier powernv8 powernv9",
    "ppc4xx.sdram": "bamboo sam460ex",
    "ppc_core99.ram": "mac99",
    "ppc_heathrow.ram": "g3beige",
    "ppc_spapr.ram": "pseries",
    "ram": (
        "B160L C3700 amigaone ast1030-evb ast2500-evb ast2600-evb ast2700-evb ast2700a0-evb ast2700a1-evb bletchley-bmc "
        "canon-a1100 clipper fby35-bmc fp5280g2-bmc fuji-bmc g220a-bmc kudo-bmc mori-bmc none npcm750-evb npcm845-evb "
        "palmetto-bmc qcom-dc-scm-v1-bmc qcom-firework-bmc quanta-gbs-bmc quanta-gsj quanta-q71l-bmc rainier-bmc raspi0 "
        "raspi1ap raspi2b raspi3ap raspi3b raspi4b romulus-bmc sonorapass-bmc supermicro-x11spi-bmc supermicrox11-bmc "
        "tiogapass-bmc virtex-ml507 witherspoon-bmc yosemitev2-bmc"
    ),
    "riscv.lowrisc.ibex.ram": "opentitan",
    "riscv.shakti.c.ram": "shakti_c",
    "riscv.sifive.e.ram": "sifive_e",
    "riscv.sifive.u.ram": "sifive_u",
    "riscv.spike.ram": "spike",
    "s390.ram": "s390-ccw-virtio",
    "sabrelite.ram": "sabrelite",
    "sbsa-ref.ram": "sbsa-ref",
    "strongarm.sdram": "collie",
    "sun4m.ram": "LX SPARCClassic SPARCbook SS-10 SS-20 SS-4 SS-5 SS-600MP Voyager",
    "sun4v-partition.ram": "niagara",
    "versatile.ram": "versatileab versatilepb",
    "vexpress.highmem": "vexpress-a15 vexpress-a9",
    "zynq.ext_ram": "xilinx-zynq-a9",
})  # fmt: skip
_VIRT_RAM: Final = {
    "riscv32": "riscv_virt_board.ram", "riscv64": "riscv_virt_board.ram", "loongarch64": "loongarch.ram", "m68k": "m68k_virt.ram",
}  # fmt: skip
"""The one machine whose memory has a name of the architecture's."""


def ram_id(arch: str | None, machine: str | None) -> str | None:
    """The id of a machine's main memory; None where the machine lets nobody name it."""
    name = family(machine)
    if name == "virt" and arch in _VIRT_RAM:
        return _VIRT_RAM[str(arch)]
    return _RAM.get(name)


_MEBIBYTES: Final = {
    16: "mps2-an385 mps2-an386 mps2-an500 mps2-an505 mps2-an511 mps2-an521 gdbsim-r5f562n7 gdbsim-r5f562n8",
    32: "musicpal sx1 sx1-v1",
    64: "canon-a1100 lx60 lx60-nommu next-cube",
    96: "lx200 lx200-nommu",
    256: "fuloong2e kc705-nommu ml605-nommu palmetto-bmc supermicrox11-bmc",
    384: "ml605",
    512: (
        "B160L amigaone ast2500-evb collie fp5280g2-bmc npcm750-evb pegasos2 pseries quanta-gsj raspi0 raspi1ap raspi3ap "
        "romulus-bmc sam460ex sonorapass-bmc supermicro-x11spi-bmc witherspoon-bmc yosemitev2-bmc"
    ),
    896: "kc705",
    1024: (
        "C3700 ast2600-evb ast2700-evb ast2700a0-evb ast2700a1-evb bpim2u cubieboard g220a-bmc kudo-bmc mori-bmc npcm845-evb "
        "orangepi-pc powernv powernv10 powernv10-rainier powernv8 powernv9 qcom-dc-scm-v1-bmc qcom-firework-bmc quanta-gbs-bmc "
        "rainier-bmc raspi2b raspi3b sbsa-ref tiogapass-bmc"
    ),
    1537: "microchip-icicle-kit",
    2048: "bletchley-bmc fby35-bmc fuji-bmc mps3-an524 mps3-an547 raspi4b",
    3072: "mps3-an536",
}  # fmt: skip
_KIBIBYTES: Final = {16: "sifive_e", 128: "opentitan"}
_BYTES: Final = {name: size * MIB for name, size in by_machine(_MEBIBYTES).items()} | {
    name: size * KIB for name, size in by_machine(_KIBIBYTES).items()
}


WITHOUT: Final = frozenset({"b-l475e-iot01a", "olimex-stm32-h405"})
"""Machines whose memory is no matter of ``-m``: QEMU counts none."""


def default(machine: str | None) -> int | None:
    """Bytes of a machine without ``-m``; None for the most, which have QEMU's own default."""
    return _BYTES.get(family(machine))
