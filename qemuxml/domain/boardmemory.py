"""How much memory QEMU gives a machine without ``-m``: 128 MiB, but a ``raspi3b`` has the 1 GiB of the real board.

Asked of QEMU 10.0, machine by machine (``info memory_size_summary``).
"""

from __future__ import annotations

from typing import Final

from qemuxml.domain import boards
from qemuxml.mapping.codecs import KIB, MIB

_MEBIBYTES: Final = {
    16: "mps2-an385 mps2-an386 mps2-an500 mps2-an505 mps2-an511 mps2-an521 gdbsim-r5f562n7 gdbsim-r5f562n8",
    64: "lx60 lx60-nommu next-cube",
    96: "lx200 lx200-nommu",
    256: "kc705-nommu ml605-nommu palmetto-bmc supermicrox11-bmc",
    384: "ml605",
    512: (
        "B160L ast2500-evb collie fp5280g2-bmc npcm750-evb pseries quanta-gsj raspi0 raspi1ap raspi3ap romulus-bmc sam460ex "
        "sonorapass-bmc supermicro-x11spi-bmc witherspoon-bmc yosemitev2-bmc"
    ),
    896: "kc705",
    1024: (
        "C3700 ast2600-evb ast2700-evb ast2700a0-evb ast2700a1-evb bpim2u cubieboard g220a-bmc kudo-bmc mori-bmc npcm845-evb "
        "orangepi-pc powernv powernv10 powernv10-rainier powernv8 powernv9 qcom-dc-scm-v1-bmc qcom-firework-bmc quanta-gbs-bmc "
        "rainier-bmc raspi2b raspi3b sbsa-ref tiogapass-bmc"
    ),
    2048: "bletchley-bmc fby35-bmc fuji-bmc mps3-an524 mps3-an547 raspi4b",
    3072: "mps3-an536",
}  # fmt: skip
_KIBIBYTES: Final = {16: "sifive_e", 128: "opentitan"}
_BYTES: Final = {name: size * MIB for size, names in _MEBIBYTES.items() for name in names.split()} | {
    name: size * KIB for size, names in _KIBIBYTES.items() for name in names.split()
}


def default(machine: str | None) -> int | None:
    """Bytes of a machine without ``-m``; None for the most, which have QEMU's own default."""
    return _BYTES.get(boards.family(machine))
