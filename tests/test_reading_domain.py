"""Options of the domain outside ``<devices>``, one a line: what profile ``modern`` makes of them."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree

from qemuxml import CommandLineError, convert, from_native, to_native
from qemuxml.cli.group import commands
from qemuxml.mapping.ledger import Fate

X86, Q35, ARM = "qemu-system-x86_64 ", "qemu-system-x86_64 -M q35 ", "qemu-system-aarch64 -M virt "
PSERIES, S390, RISCV = "qemu-system-ppc64 -M pseries ", "qemu-system-s390x -M s390-ccw-virtio ", "qemu-system-riscv64 -M virt "
QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"


def read(line: str) -> Any:
    return etree.fromstring(from_native(line))


def facts(root: Any, path: str) -> list[str]:
    """Every node that the path finds: an attribute's value, an element's attributes, or the text of one that has none."""
    return [
        str(item) if isinstance(item, str) else " ".join(f"{k}={v}" for k, v in item.attrib.items()) or (item.text or "").strip()
        for item in root.xpath(path)
    ]


def passed(root: Any) -> list[str]:
    return [node.get("value") for node in root.iter(f"{QEMU}arg")]


MACHINE = [
    ("-M q35", "os/type/@machine", ["q35"]),
    ("-machine type=pc-i440fx-9.0", "os/type/@machine", ["pc-i440fx-9.0"]),
    ("-machine accel=kvm -machine q35", "@type | os/type/@machine", ["kvm", "q35"]),
    ("-machine q35,accel=whpx:kvm:tcg", "@type", ["kvm"]),
    ("-machine q35,accel=whpx", "@type", ["qemu"]),
    ("-accel kvm -accel tcg", "@type", ["kvm"]),
    ("-accel whpx -accel tcg", "@type", ["qemu"]),
    ("-accel kvm,kernel-irqchip=split", "features/ioapic", ["driver=qemu"]),
    ("-accel kvm,dirty-ring-size=4096", "features/kvm/dirty-ring", ["state=on size=4096"]),
    ("-accel tcg,tb-size=64,thread=multi", "features/tcg/tb-cache", ["unit=MiB"]),
    ("-tb-size 64", "features/tcg/tb-cache/text()", ["64"]),
    ("-machine acpi=off", "features/acpi", []),
    ("-machine usb=on", "devices/controller[@type='usb']/@model", ["piix3-uhci"]),
    ("-audiodev none,id=x -machine pcspk-audiodev=x", "devices/sound/@model", ["pcspk"]),
    ("", "features/acpi", [""]),
    ("-machine vmport=off,smm=on", "features/*[@state]", ["state=off", "state=on"]),
    ("-machine vmport=auto,smm=auto", "features/*[@state]", []),
    ("-machine kernel_irqchip=on", "features/ioapic", ["driver=kvm"]),
    ("-machine i8042=off", "features/ps2", ["state=off"]),
    ("-machine hpet=off", "clock/timer", ["name=hpet present=no"]),
    ("-no-hpet", "clock/timer", ["name=hpet present=no"]),
    ("-machine dump-guest-core=on", "memory/@dumpCore", ["on"]),
    ("-machine dump-guest-core=off", "memory/@dumpCore", []),
    ("-machine mem-merge=off", "memoryBacking/nosharepages", [""]),
    ("-machine mem-merge=on", "memoryBacking/nosharepages", []),
    ("-global mch.extended-tseg-mbytes=48", "features/smm/tseg", ["unit=MiB"]),
    ("-device vmcoreinfo", "features/vmcoreinfo", ["state=on"]),
    ("-run-with async-teardown=on,user=nobody", "features/async-teardown", ["enabled=yes"]),
    ("-async-teardown", "features/async-teardown", ["enabled=yes"]),
    ("-compat deprecated-output=hide,deprecated-input=crash", "*[local-name()='deprecation']/@behavior", ["crash"]),
]

OTHER_MACHINES = [
    (ARM + "-machine gic-version=3,ras=on", "features/gic | features/ras", ["version=3", "state=on"]),
    (ARM + "-machine iommu=smmuv3", "devices/iommu/@model", ["smmuv3"]),
    (ARM, "features/acpi", []),
    (ARM + "-pflash code.fd", "features/acpi", [""]),
    (RISCV, "features/acpi", [""]),
    ("qemu-system-hppa", "os/type/@arch", ["parisc"]),
    (ARM + "-M raspi3b", "memory/text()", ["1048576"]),
    (PSERIES, "memory/text()", ["524288"]),
    (S390 + "-smp 1,maxcpus=3 -device host-s390x-cpu,core-id=2", "vcpus/vcpu/@enabled", ["yes", "no", "yes"]),
    ("qemu-system-nios2", "os/type/@arch", []),
    ("kvm -M pc-i440fx-8.1+pve0", "os/type/@machine", ["pc-i440fx-8.1"]),
    (RISCV + "-machine aia=aplic-imsic", "features/aia", ["value=aplic-imsic"]),
    (PSERIES + "-machine cap-htm=on,cap-cfpc=broken", "features/htm | features/cfpc", ["state=on", "value=broken"]),
    (PSERIES + "-machine cap-hpt-max-page-size=1m,resize-hpt=required", "features/hpt/maxpagesize/text()", ["1024"]),
    (PSERIES + "-machine max-cpu-compat=power8 -cpu host -enable-kvm", "cpu/@mode | cpu/model/text()", ["host-model", "power8"]),
    (PSERIES + "-cpu host,compat=power8 -enable-kvm", "cpu/@mode | cpu/model/text()", ["host-model", "power8"]),
    (S390 + "-machine aes-key-wrap=on,dea-key-wrap=off", "keywrap/cipher", ["name=aes state=on", "name=dea state=off"]),
    (S390 + "-cpu gen15a-base,msa9_pckmo=on", "cpu/feature", ["policy=require name=msa9_pckmo"]),
    (ARM + "-cpu cortex-a15", "cpu/model", ["fallback=forbid"]),
    (ARM + "-cpu max,sve=on,sve256=on", "cpu/feature/@name", ["sve", "sve256"]),
    (ARM + "-enable-kvm -cpu host,aarch64=off", "os/type/@arch", ["armv7l"]),
    (ARM + "-enable-kvm -cpu host,kvm-no-adjvtime=on", "clock/timer", ["name=armvtimer tickpolicy=discard"]),
]

CPU = [
    ("-cpu host -enable-kvm", "cpu/@mode | cpu/@migratable", ["host-passthrough", "on"]),
    ("-cpu max", "cpu/@mode", ["maximum"]),
    ("-cpu qemu64", "cpu/model", ["fallback=forbid"]),
    ("-cpu core2duo", "cpu/@match | cpu/model", ["exact", "fallback=allow"]),
    ("-cpu core2duo,+vmx,-sse4.1", "cpu/feature", ["policy=require name=vmx", "policy=disable name=sse4.1"]),
    ("-cpu core2duo,vmx=on,sse4_1=off", "cpu/feature", ["policy=require name=vmx", "policy=disable name=sse4.1"]),
    ("-cpu core2duo,vmx", "cpu/feature", ["policy=require name=vmx"]),
    ("-cpu core2duo,vmx=on,vmx=off", "cpu/feature", ["policy=disable name=vmx"]),
    ("-cpu core2duo,pclmulqdq=on,lahf-lm=on,xd=off", "cpu/feature/@name", ["pclmuldq", "lahf_lm", "nx"]),
    ("-cpu EPYC,monitor=off", "cpu/feature", []),
    ("-cpu host,pmu=off -cpu core2duo", "cpu/model/text() | features/pmu", ["core2duo"]),
    ("-cpu core2duo,enforce", "cpu/@check", ["partial"]),
    ("-cpu core2duo,vendor=GenuineIntel", "cpu/model/@vendor_id", ["GenuineIntel"]),
    ("-cpu core2duo,migratable=off", f"*[local-name()='commandline']/{'*'}/@value", ["-global", "x86_64-cpu.migratable=off"]),
    ("-cpu max,migratable=off", "cpu/@migratable", ["off"]),
    ("-cpu max,host-phys-bits=on,host-phys-bits-limit=39", "cpu/maxphysaddr", ["mode=passthrough limit=39"]),
    ("-cpu core2duo,phys-bits=40", "cpu/maxphysaddr", ["mode=emulate bits=40"]),
    ("-cpu core2duo,l3-cache=on", "cpu/cache", ["level=3 mode=emulate"]),
    ("-cpu max,host-cache-info=on,l3-cache=off", "cpu/cache", ["mode=passthrough"]),
    ("-cpu max,host-cache-info=off,l3-cache=off", "cpu/cache", ["mode=disable"]),
    ("-cpu core2duo,hv_relaxed,hv-vapic=on,hv_time", "features/hyperv/*", ["state=on", "state=on"]),
    ("-cpu core2duo,hv_time", "clock/timer", ["name=hypervclock present=yes"]),
    ("-cpu core2duo,hv-spinlocks=0x1fff", "features/hyperv/spinlocks", ["state=on retries=8191"]),
    ("-cpu core2duo,hv-spinlocks=0xffffffff", "features/hyperv", []),
    ("-cpu core2duo,hv-vendor-id=me", "features/hyperv/vendor_id", ["state=on value=me"]),
    ("-cpu core2duo,hv-passthrough=on", "features/hyperv/@mode", ["passthrough"]),
    ("-cpu core2duo,hv-crash", "devices/panic/@model", ["hyperv"]),
    ("-cpu core2duo,kvm=off", "features/kvm/hidden", ["state=on"]),
    ("-cpu core2duo,kvm=on", "features/kvm", []),
    ("-cpu core2duo,kvm-hint-dedicated=on,kvm-pv-ipi=off", "features/kvm/*", ["state=on", "state=off"]),
    ("-enable-kvm -cpu core2duo,+kvm_pv_unhalt", "features/pvspinlock", ["state=on"]),
    ("-cpu core2duo,+kvm_pv_unhalt", "features/pvspinlock", []),
    ("-cpu core2duo,kvm-pv-eoi=on", "features/apic/@eoi", ["on"]),
    ("-cpu core2duo,pmu=off", "features/pmu", ["state=off"]),
    ("-cpu core2duo,-kvmclock", "clock/timer", ["name=kvmclock present=no"]),
    ("-cpu core2duo,tsc-frequency=2.5G", "clock/timer", ["name=tsc frequency=2500000000"]),
]

SMP = [
    (
        "-smp 1,maxcpus=3,sockets=3,cores=1,threads=1 -device qemu64-x86_64-cpu,socket-id=2,core-id=0,thread-id=0",
        "vcpus/vcpu/@enabled | vcpu/@current",
        ["2", "yes", "no", "yes"],
    ),
    ("-smp 4", "vcpu | cpu/topology", ["placement=static", "sockets=1 dies=1 clusters=1 cores=4 threads=1"]),
    ("-M pc-i440fx-6.1 -smp 4", "cpu/topology", []),
    ("-smp 4,sockets=4,cores=1,threads=1", "cpu/topology", []),
    ("-smp 4,sockets=4,dies=1,clusters=1,cores=1,threads=1", "cpu/topology/@sockets", ["4"]),
    ("-smp sockets=2,cores=4,threads=2", "vcpu/text() | cpu/topology/@cores", ["16", "4"]),
    ("-smp 8,cores=2", "cpu/topology", ["sockets=4 dies=1 clusters=1 cores=2 threads=1"]),
    ("-smp 8,sockets=2,dies=2", "cpu/topology", ["sockets=2 dies=2 clusters=1 cores=2 threads=1"]),
    ("-smp cpus=2,maxcpus=8,sockets=8,cores=1,threads=1", "vcpu/@current | vcpu/text()", ["2", "8"]),
    ("-smp 8,modules=2,cores=2", "cpu/topology", []),
]

MEMORY = [
    ("-m 1G", "memory | memory/text()", ["unit=KiB", "1048576"]),
    ("-m 512", "currentMemory/text()", ["524288"]),
    ("-m size=2097152k", "memory/text()", ["2097152"]),
    ("-m 1G,slots=4,maxmem=8G -numa node", "maxMemory", ["slots=4 unit=KiB"]),
    ("-m 1G,slots=4,maxmem=8G -smp 2", "cpu/numa/cell", ["id=0 cpus=0-1 memory=1048576 unit=KiB"]),
    ("-object memory-backend-ram,id=m,size=3G -machine memory-backend=m", "memory/text()", ["3145728"]),
    ("-overcommit mem-lock=on", "memoryBacking/locked", [""]),
    ("-overcommit mem-lock=off,cpu-pm=off", "memoryBacking/locked", []),
    ("-realtime mlock=on", "memoryBacking/locked", [""]),
    ("-mem-path /dev/hugepages -mem-prealloc", "memoryBacking/hugepages", [""]),
    ("-mem-path /dev/hugepages1G", "memoryBacking/hugepages/page", ["size=1048576 unit=KiB"]),
    ("-mem-prealloc", "memoryBacking/allocation", ["mode=immediate"]),
    (
        "-object memory-backend-memfd,id=m,share=on,size=1G -M q35,memory-backend=m",
        "memoryBacking/*",
        ["type=memfd", "mode=shared"],
    ),
    (
        "-object memory-backend-memfd,id=m,hugetlb=on,hugetlbsize=2M,size=1G -M q35,memory-backend=m",
        "memoryBacking/hugepages/page/@size",
        ["2048"],
    ),
    (
        "-object memory-backend-file,id=m,mem-path=/dev/shm,share=on,size=1G -machine memory-backend=m",
        "memoryBacking/*",
        ["type=memfd", "mode=shared"],
    ),
    (
        "-object memory-backend-ram,id=m,prealloc=on,size=1G,host-nodes=0-1,policy=bind -machine memory-backend=m",
        "numatune/memory | memoryBacking/allocation",
        ["mode=immediate", "mode=strict nodeset=0-1"],
    ),
    ("-object iothread,id=io -object iothread,id=iothread1", "iothreads", ["2"]),
    ("-object iothread,id=iothread3,poll-max-ns=9", "iothreadids/iothread", ["id=3"]),
    ("-object main-loop,id=main-loop,thread-pool-max=4", "defaultiothread/@thread_pool_max", ["4"]),
    ("-object throttle-group,id=slow,x-bps-total=1048576", "throttlegroups/throttlegroup/*", ["1048576", "slow"]),
]

NUMA = [
    ("-numa node,cpus=0-1 -numa node,cpus=2-3 -smp 4 -m 1G", "cpu/numa/cell/@memory", ["524288", "524288"]),
    ("-numa node,nodeid=1,cpus=1,mem=512 -numa node,nodeid=0,cpus=0,mem=512 -smp 2 -m 1G", "cpu/numa/cell/@cpus", ["1", "0"]),
    ("-numa node -numa node -smp 4,sockets=2", "cpu/numa/cell/@cpus", ["0-1", "2-3"]),
    ("-numa node -numa node -smp 4", "cpu/numa/cell/@cpus", ["0-3"]),
    ("-numa node,cpus=0,cpus=2 -smp 4", "cpu/numa/cell/@cpus", ["0-3"]),
    ("-numa node -numa node -numa dist,src=0,dst=1,val=21 -smp 2", "cpu/numa/cell[1]/distances/sibling", ["id=1 value=21"]),
    (
        "-numa node -numa node -numa cpu,node-id=1,socket-id=1 -smp 4,sockets=2",
        "cpu/numa/cell/@cpus",
        ["0-1", "2-3"],
    ),
    (
        "-object memory-backend-memfd,id=a,size=512M -numa node,memdev=a -m 512",
        "cpu/numa/cell/@memory | memoryBacking/source/@type",
        ["memfd", "524288"],
    ),
    (
        "-M hmat=on -numa node -numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5",
        "cpu/numa/interconnects/latency",
        ["initiator=0 target=0 type=access value=5"],
    ),
    (
        "-M hmat=on -numa node -numa hmat-cache,node-id=0,size=10K,level=1,associativity=direct,policy=write-back,line=8",
        "cpu/numa/cell/cache",
        ["level=1 associativity=direct policy=writeback"],
    ),
    (
        "-m 1G,slots=2,maxmem=4G -object memory-backend-ram,id=d,size=512M -device pc-dimm,memdev=d,id=d0",
        "memory/text() | devices/memory/@model | devices/memory/target/size/text()",
        ["1572864", "dimm", "524288"],
    ),
]

CLOCK = [
    ("-rtc base=localtime", "clock/@offset", ["localtime"]),
    ("-rtc base=2020-02-03T04:05:06", "clock", ["offset=absolute start=1580702706"]),
    ("-rtc base=utc,clock=vm,driftfix=slew", "clock/timer", ["name=rtc tickpolicy=catchup track=guest"]),
    ("-startdate 2020-02-03", "clock/@start", ["1580688000"]),
    ("-localtime", "clock/@offset", ["localtime"]),
    ("-rtc-td-hack", "clock/timer", ["name=rtc tickpolicy=catchup"]),
    ("-global kvm-pit.lost_tick_policy=discard", "clock/timer", ["name=pit tickpolicy=discard"]),
    ("-global driver=mc146818rtc,property=lost_tick_policy,value=slew", "clock/timer", ["name=rtc tickpolicy=catchup"]),
    ("-global PIIX4_PM.disable_s3=1 -global PIIX4_PM.disable_s4=off", "pm/*", ["enabled=no", "enabled=yes"]),
    ("-no-reboot", "on_reboot", ["destroy"]),
    ("-action reboot=shutdown,panic=pause,shutdown=pause", "on_reboot | on_crash", ["destroy", "preserve"]),
]

OS = [
    ("-boot dc", "os/boot", ["dev=cdrom", "dev=hd"]),
    ("-boot order=n -boot menu=on,splash-time=3000", "os/boot | os/bootmenu", ["dev=network", "enable=yes timeout=3000"]),
    ("-boot once=d", "os/boot", ["dev=cdrom", "dev=hd"]),
    ("-cdrom a.iso", "os/boot", ["dev=hd", "dev=cdrom"]),
    ("-nodefaults -cdrom a.iso -boot strict=on -hda b", "os/boot", ["dev=fd"]),
    ("-acpitable sig=SLIC,file=/t", "os/acpi/table", ["type=slic"]),
    ("-kernel /k -shim /s", "os/shim", ["/s"]),
    ("-pflash /both.fd", "os/loader", ["readonly=no type=pflash format=raw"]),
    ("-drive if=pflash,file=/c.fd,format=raw,readonly=on", "os/loader/@stateless", ["yes"]),
    (
        "-drive if=pflash,unit=1,file=/v.fd,format=raw -drive if=pflash,unit=0,file=/c.fd,format=raw,readonly=on",
        "os/loader/text() | os/nvram/text()",
        ["/c.fd", "/v.fd"],
    ),
    (
        "-blockdev driver=file,filename=/c.fd,node-name=f0 -blockdev driver=raw,file=f0,node-name=p,read-only=on -M pflash0=p",
        "os/loader/@readonly | os/loader/text()",
        ["yes", "/c.fd"],
    ),
    ("-M q35 -pflash /c.fd -global cfi.pflash01.secure=on", "os/loader/@secure", ["yes"]),
    ("-smbios type=1,manufacturer=me,serial=1", "sysinfo/system/entry/@name", ["manufacturer", "serial"]),
    ("-smbios type=11,value=a,value=b", "sysinfo/oemStrings/entry", ["a", "b"]),
    ("-smbios type=1,uuid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87", "uuid", ["324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87"]),
    ("-fw_cfg name=opt/com.example,string=x", "sysinfo/entry", ["name=opt/com.example"]),
    ("-device vmgenid,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87", "genid", ["324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87"]),
    (
        "-object sev-guest,id=s,cbitpos=47,reduced-phys-bits=1,policy=3 -machine q35,confidential-guest-support=s -enable-kvm",
        "launchSecurity/@type | launchSecurity/policy/text()",
        ["sev", "0x0003"],
    ),
    ("-global i440FX-pcihost.pci-hole64-size=1G", "devices/controller/pcihole64/text()", ["1048576"]),
    ("-netdev user,id=u -device e1000,netdev=u,id=n -set device.n.mac=52:54:00:00:00:09", "//mac", ["address=52:54:00:00:00:09"]),
]  # fmt: skip


@pytest.mark.parametrize(("options", "path", "expected"), [*MACHINE, *CPU, *SMP, *MEMORY, *NUMA, *CLOCK, *OS])
def test_what_an_option_says_of_a_pc(options: str, path: str, expected: list[str]) -> None:
    assert facts(read(X86 + options), path) == expected


@pytest.mark.parametrize(("line", "path", "expected"), OTHER_MACHINES)
def test_what_an_option_says_of_another_machine(line: str, path: str, expected: list[str]) -> None:
    assert facts(read(line), path) == expected


PLUMBING = [
    "-S", "-nodefaults", "-no-user-config", "-no-shutdown", "-msg timestamp=on", "-sandbox on,spawn=deny", "-display none",
    "-overcommit mem-lock=off", "-boot strict=on", "-object secret,id=masterKey0,format=raw,file=/k",
    "-chardev socket,id=charmonitor,fd=3,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control",
    "-add-fd set=0,fd=4", "-monitor stdio", "-qmp unix:/s,server", "-pidfile /p -daemonize", "-D /log -d int", "-trace x",
    "-runas nobody", "-snapshot", "-loadvm a", "-id 100", "-no-kqemu", "-no-quit",
]  # fmt: skip


@pytest.mark.parametrize("options", PLUMBING)
def test_plumbing_leaves_no_trace(options: str) -> None:
    line = f"{X86}-M pc -cpu qemu64 "
    assert from_native(f"{line} -nodefaults {options} -boot strict=on") == from_native(f"{line} -nodefaults -boot strict=on")


PARTS = [
    ("-machine q35,kernel_irqchip=off,smm=on", ["-machine", "kernel_irqchip=off"]),
    ("-M microvm,rtc=off", ["-M", "rtc=off"]),
    ("-cpu core2duo,lmce=on,level=11,+vmx", ["-global", "x86_64-cpu.lmce=on", "-global", "x86_64-cpu.level=11"]),
    ("-smp 8,modules=2,cores=2", ["-smp", "modules=2,cores=2"]),
    ("-boot menu=on,splash=/a.bmp", ["-boot", "splash=/a.bmp"]),
    ("-overcommit mem-lock=on,cpu-pm=on", ["-overcommit", "cpu-pm=on"]),
    ("-smbios type=0,vendor=me,uefi=on", ["-smbios", "type=0,uefi=on"]),
    ("-smbios type=17,manufacturer=me", ["-smbios", "type=17,manufacturer=me"]),
    ("-fw_cfg name=etc/x,file=/f", ["-fw_cfg", "name=etc/x,file=/f"]),
    ("-global edu.x=1", ["-global", "edu.x=1"]),
    ("-set device.nobody.x=1", ["-set", "device.nobody.x=1"]),
    ("-readconfig /absent.cfg", ["-readconfig", "/absent.cfg"]),
]


@pytest.mark.parametrize(("options", "expected"), PARTS)
def test_what_has_no_word_is_passed_on(options: str, expected: list[str]) -> None:
    assert passed(read(X86 + options)) == expected


LIBVIRTS = [
    """-machine pc,usb=off,dump-guest-core=off,memory-backend=pc.ram,acpi=on -accel tcg -cpu qemu64 -m size=1048576k
    -object '{"qom-type":"memory-backend-ram","id":"pc.ram","size":1073741824}' -smp 2,sockets=2,cores=1,threads=1""",
    """-machine pc,usb=off,dump-guest-core=off,acpi=on -cpu qemu64 -m size=1048576k -smp 2,sockets=2,cores=1,threads=1
    -numa node,nodeid=0,cpus=0-1,memdev=ram-node0
    -object '{"qom-type":"memory-backend-ram","id":"ram-node0","size":1073741824}'""",
]


@pytest.mark.parametrize("options", LIBVIRTS)
def test_libvirts_own_options_come_back_as_they_were(options: str) -> None:
    back = to_native(from_native(f"{X86}-name guest=a -nodefaults -boot strict=on {options}"), plumbing="libvirt")
    for word in options.replace("'", "").split():
        assert word in back.replace("'", "").split()


def test_an_option_that_qemu_no_longer_takes_says_so() -> None:
    found = convert.from_native(f"{X86}-no-hpet -no-acpi", name="t", profile="modern", base_dir=None)
    assert [note.message for note in found.notes if "do not take it" in note.message] == [
        "-no-hpet: QEMU 9.0 and later do not take it",
        "-no-acpi: QEMU 9.0 and later do not take it",
    ]


FATES: list[tuple[str, Fate]] = [
    ("-monitor stdio", Fate.REPLACED),
    ("-monitor none", Fate.IMPLIED),
    ("-boot once=d", Fate.GUESSED),
    ("-accel tcg,thread=single", Fate.GUESSED),
    ("-machine q35,rtc=off", Fate.PASSED),
    ("-incoming tcp:0:4444", Fate.DROPPED),
    ("-smp 6,sockets=6,cores=2,threads=1", Fate.GUESSED),
    ("-name web,process=web-server", Fate.REPLACED),
    ("-mem-path /srv/ram", Fate.REPLACED),
    ("-spice tls-port=5901,x509-dir=/srv/keys", Fate.REPLACED),
    ("-smbios type=1,uuid=none", Fate.PASSED),
]


TOGETHER: list[tuple[str, Fate]] = [
    ("-machine memory-backend=m -object memory-backend-file,id=m,size=128M,mem-path=/srv/ram", Fate.REPLACED),
    ("-device intel-hda -device hda-duplex,cad=2", Fate.GUESSED),
    ("-drive if=pflash,file=/code.fd,readonly=on -bios /bios.bin", Fate.DROPPED),
    ("-tpmdev unheard-of,id=t,chardev=c -chardev socket,id=c,path=/s -device tpm-tis,tpmdev=t", Fate.PASSED),
    ("-device virtio-serial -chardev spicevmc,id=c,name=unheard-of -device virtserialport,chardev=c", Fate.PASSED),
]
"""Options of which the last has that fate."""


@pytest.mark.parametrize(("options", "fate"), FATES)
def test_fates(options: str, fate: Fate) -> None:
    found = convert.from_native(X86 + options, name="t", profile="modern", base_dir=None)
    assert [entry.fate for entry in found.entries] == [fate]


@pytest.mark.parametrize(("options", "fate"), TOGETHER)
def test_fates_of_options_that_belong_together(options: str, fate: Fate) -> None:
    found = convert.from_native(X86 + options, name="t", profile="modern", base_dir=None)
    assert found.entries[-1].fate is fate


REFUSED = [
    "-m -1", "-m many", "-smp -1", "-smp 70000",
    "-smp sockets=9999,cores=9999", "-smp 4,maxcpus=2", "-machine smm=perhaps", "-rtc base=yesterday", "-numa node,nodeid=999",
    "-numa hmat-lb,data-type=x", "-cpu core2duo,phys-bits=x", "-accel kvm,dirty-ring-size=x", "-device vmgenid,guid=x",
    "-global PIIX4_PM.disable_s3=perhaps", "-object iothread,id=a,poll-max-ns=x", "-action reboot=perhaps",
]  # fmt: skip


@pytest.mark.parametrize("options", REFUSED)
def test_a_value_that_does_not_decode_is_refused_with_its_place(options: str) -> None:
    with pytest.raises(CommandLineError) as caught:
        from_native(X86 + options)
    assert caught.value.place is not None


def test_a_configuration_file_is_read_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "guest.cfg").write_text('# a guest\n[memory]\n  size = "1G"\n[device "n"]\n  driver = "e1000"\n')
    (tmp_path / "guest.args").write_text("qemu-system-x86_64 -readconfig guest.cfg -smp 1")
    result = CliRunner().invoke(commands, ["from-native", "--base-dir", str(tmp_path), str(tmp_path / "guest.args")])
    root = etree.fromstring(result.stdout.encode())
    assert (facts(root, "memory/text()"), facts(root, "devices/interface/model/@type")) == (["1048576"], ["e1000", "e1000"])


@pytest.mark.parametrize("text", ["x\n", 'a = "b"\n', "[device\n"])
def test_a_configuration_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "guest.cfg").write_text(text)
    (tmp_path / "guest.args").write_text("qemu-system-x86_64 -readconfig guest.cfg")
    result = CliRunner().invoke(commands, ["from-native", "--base-dir", str(tmp_path), str(tmp_path / "guest.args")])
    assert (result.exit_code, "guest.cfg:1:1: error" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("line", "element"),
    [
        ("-balloon virtio", "<memballoon model='virtio'>"),
        ("-balloon virtio,addr=9", "slot='0x09'"),
        ("-balloon none", "<memballoon model='none'/>"),
    ],
)
def test_the_balloon_of_old(line: str, element: str) -> None:
    xml = from_native(f"/usr/bin/qemu-system-x86_64 {line}")
    assert element in xml[xml.index("<memballoon") :]
    assert "<qemu:arg" not in xml
