"""The CPU of ``<cpu mode='host-model'/>`` without KVM: the model that QEMU itself emulates best, the same on every host.

Facts of ``virsh domcapabilities --virttype qemu`` with the QEMU of each release: a model, behind + the features that it has
besides, behind - those that it lacks. A release that is not named has those of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_64_BIT: Final[Mapping[str, str]] = {
    "6.2": (
        "Opteron_G3 + pclmulqdq monitor ssse3 sse4.1 sse4.2 movbe aes xsave rdrand hypervisor acpi ss arat fsgsbase bmi1 "
        "smep bmi2 erms mpx adx smap pcommit clflushopt clwb pku la57 pks xsaveopt xgetbv1 cr8legacy mmxext pdpe1gb "
        "3dnowext 3dnow npt vgif svme-addr-chk - misalignsse"
    ),
    "7.0": (
        "Opteron_G3 + pclmulqdq monitor ssse3 sse4.1 sse4.2 movbe aes xsave rdrand hypervisor acpi ss arat fsgsbase bmi1 "
        "smep bmi2 erms mpx adx smap pcommit clflushopt clwb umip pku la57 pks xsaveopt xgetbv1 cr8legacy mmxext pdpe1gb "
        "3dnowext 3dnow npt vgif svme-addr-chk - misalignsse"
    ),
    "7.2": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 pks 3dnowext 3dnow npt vgif "
        "svme-addr-chk - vme rdseed sha-ni xsavec misalignsse 3dnowprefetch osvw topoext fxsr-opt nrip-save"
    ),
    "8.0": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 pks fsrm fzrm fsrs fsrc 3dnowext "
        "3dnow npt vgif svme-addr-chk - vme rdseed sha-ni xsavec misalignsse 3dnowprefetch osvw topoext fxsr-opt "
        "nrip-save"
    ),
    "8.1": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 rdpid pks fsrm fzrm fsrs fsrc "
        "3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme sha-ni xsavec misalignsse osvw topoext fxsr-opt "
        "nrip-save"
    ),
    "8.2": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 rdpid pks fsrm fzrm fsrs fsrc "
        "3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme xsavec misalignsse osvw topoext fxsr-opt "
        "nrip-save"
    ),
    "9.0": (
        "EPYC + monitor x2apic hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 rdpid pks fsrm fzrm fsrs fsrc "
        "3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme xsavec misalignsse osvw topoext fxsr-opt "
        "nrip-save"
    ),
    "9.1": (
        "EPYC + monitor x2apic hypervisor acpi ss erms mpx clwb umip pku vaes la57 rdpid pks fsrm cmpccxadd fzrm fsrs "
        "fsrc 3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme xsavec misalignsse osvw topoext fxsr-opt "
        "nrip-save"
    ),
}
_32_BIT: Final[Mapping[str, str]] = {
    "6.2": (
        "Opteron_G2 + pclmulqdq monitor ssse3 sse4.1 sse4.2 movbe popcnt aes xsave rdrand hypervisor acpi ss arat "
        "fsgsbase bmi1 smep bmi2 erms mpx adx smap pcommit clflushopt clwb pku la57 pks xsaveopt xgetbv1 cr8legacy abm "
        "sse4a mmxext pdpe1gb 3dnowext 3dnow npt vgif svme-addr-chk - syscall lm"
    ),
    "7.0": (
        "Opteron_G2 + pclmulqdq monitor ssse3 sse4.1 sse4.2 movbe popcnt aes xsave rdrand hypervisor acpi ss arat "
        "fsgsbase bmi1 smep bmi2 erms mpx adx smap pcommit clflushopt clwb umip pku la57 pks xsaveopt xgetbv1 cr8legacy "
        "abm sse4a mmxext pdpe1gb 3dnowext 3dnow npt vgif svme-addr-chk - syscall lm"
    ),
    "7.2": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 pks 3dnowext 3dnow npt vgif "
        "svme-addr-chk - vme rdseed sha-ni xsavec misalignsse 3dnowprefetch osvw topoext fxsr-opt lm nrip-save"
    ),
    "8.0": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 pks fsrm fzrm fsrs fsrc 3dnowext "
        "3dnow npt vgif svme-addr-chk - vme rdseed sha-ni xsavec misalignsse 3dnowprefetch osvw topoext fxsr-opt lm "
        "nrip-save"
    ),
    "8.1": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 rdpid pks fsrm fzrm fsrs fsrc "
        "3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme sha-ni xsavec misalignsse osvw topoext fxsr-opt "
        "lm nrip-save"
    ),
    "8.2": (
        "EPYC + monitor hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 rdpid pks fsrm fzrm fsrs fsrc "
        "3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme xsavec misalignsse osvw topoext fxsr-opt lm "
        "nrip-save"
    ),
    "9.0": (
        "EPYC + monitor x2apic hypervisor acpi ss erms mpx pcommit clwb umip pku vaes la57 rdpid pks fsrm fzrm fsrs fsrc "
        "3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme xsavec misalignsse osvw topoext fxsr-opt lm "
        "nrip-save"
    ),
    "9.1": (
        "EPYC + monitor x2apic hypervisor acpi ss erms mpx clwb umip pku vaes la57 rdpid pks fsrm cmpccxadd fzrm fsrs "
        "fsrc 3dnowext 3dnow xsaveerptr wbnoinvd npt vgif svme-addr-chk - vme xsavec misalignsse osvw topoext fxsr-opt lm "
        "nrip-save"
    ),
}
"""The 32-bit binary emulates no long mode."""


def host_model(releases: Sequence[str], arch: str) -> str:
    """``EPYC,monitor=on,vme=off`` for an x86 guest of the last of the releases, which stand in their order."""
    known = _32_BIT if arch == "i686" else _64_BIT
    model, _, features = known[next(release for release in reversed(releases) if release in known)].partition(" + ")
    present, _, absent = features.partition(" - ")
    return ",".join([model, *(f"{name}=on" for name in present.split()), *(f"{name}=off" for name in absent.split())])
