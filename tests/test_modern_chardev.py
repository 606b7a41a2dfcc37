"""``<serial>``, ``<console>``, ``<channel>`` and their like: what each becomes for QEMU of today, and what is refused."""

from __future__ import annotations

import shlex

import pytest

from qemuxml import to_native
from qemuxml.errors import ConversionError

GUEST = """<domain type='qemu'><name>web</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory unit='MiB'>256</memory>
<vcpu>1</vcpu>{memory}<os><type arch='{arch}' machine='{machine}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-{arch}</emulator>{devices}<memballoon model='none'/></devices></domain>"""
SHARED = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
SPICE = "<graphics type='spice' autoport='yes'/>"


def convert(devices: str, arch: str = "x86_64", machine: str = "pc", plumbing: str = "libvirt", memory: str = "") -> list[str]:
    """The words of the guest's command line."""
    text = GUEST.format(devices=devices, arch=arch, machine=machine, memory=memory)
    return shlex.split(to_native(text, plumbing=plumbing))


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ("<serial type='null'/>", "null,id=charserial0"),
        ("<serial type='pipe'><source path='/a,b'/></serial>", "pipe,id=charserial0,path=/a,,b"),
        ("<serial type='dev'><source path='/dev/ttyS2'/></serial>", "serial,id=charserial0,path=/dev/ttyS2"),
        ("<parallel type='dev'><source path='/dev/parport0'/></parallel>", "parallel,id=charparallel0,path=/dev/parport0"),
        ("<serial type='file'><source path='/a'/></serial>", "file,id=charserial0,path=/dev/fdset/0,append=on"),
        (
            "<serial type='pty'><log file='/l' append='off'/></serial>",
            "pty,id=charserial0,logfile=/dev/fdset/0,logappend=on",
        ),
        (
            "<serial type='tcp'><source mode='bind' host='h' service='1'/><protocol type='telnet'/></serial>",
            "socket,id=charserial0,host=h,port=1,telnet=on,server=on,wait=off",
        ),
        (
            (
                "<serial type='tcp'><source mode='connect' host='h' service='1' tls='yes'>"
                "<reconnect enabled='yes' timeout='2'/></source></serial>"
            ),
            "socket,id=charserial0,host=h,port=1,reconnect-ms=2000,tls-creds=objcharserial0_tls0",
        ),
        (
            "<serial type='unix'><source mode='connect' path='/s'><reconnect enabled='no'/></source></serial>",
            "socket,id=charserial0,path=/s,reconnect-ms=0",
        ),
        (
            "<serial type='udp'><source mode='connect' host='h' service='1'/></serial>",
            "udp,id=charserial0,host=h,port=1,localaddr=,localport=0",
        ),
        (SPICE + "<serial type='spiceport'><source channel='org.x'/></serial>", "spiceport,id=charserial0,name=org.x"),
        ("<serial type='dbus'><source channel='org.x'/></serial>", "dbus,id=charserial0,name=org.x"),
        (
            (
                "<channel type='qemu-vdagent'><source><clipboard copypaste='yes'/><mouse mode='server'/></source>"
                "<target type='virtio' name='com.redhat.spice.0'/></channel>"
            ),
            "qemu-vdagent,id=charchannel0,name=vdagent,clipboard=on,mouse=off",
        ),
        (SPICE + "<redirdev bus='usb' type='spicevmc'/>", "spicevmc,id=charredir0,name=usbredir"),
        (
            "<tpm><backend type='external'><source type='unix' mode='connect' path='/t'/></backend></tpm>",
            "socket,id=chrtpm,path=/t",
        ),
    ],
)
def test_host_side(devices: str, expected: str) -> None:
    """The value of ``-chardev``."""
    assert expected in convert(devices)


@pytest.mark.parametrize(
    ("devices", "arch", "machine", "expected"),
    [
        ("<console type='pty'/>", "x86_64", "pc", '{"driver":"isa-serial","chardev":"charserial0","id":"serial0","index":0}'),
        (
            "<console type='pty'/>", "ppc64", "pseries",
            '{"driver":"spapr-vty","chardev":"charserial0","id":"serial0","reg":805306368}',
        ),
        ("<serial type='pty'/>", "s390x", "s390-ccw-virtio", '{"driver":"sclpconsole","chardev":"charserial0","id":"serial0"}'),
        ("<serial type='pty'/>", "aarch64", "virt", "chardev:charserial0"),
        ("<console type='pty'/>", "riscv64", "virt", "chardev:charserial0"),
        (
            "<serial type='pty'><target type='isa-debug'/><address type='isa' iobase='0x402'/></serial>", "x86_64", "pc",
            '{"driver":"isa-debugcon","chardev":"charserial0","id":"serial0","iobase":1026}',
        ),
        (
            "<console type='pty'><target type='virtio'/></console>", "x86_64", "pc",
            '{"driver":"virtconsole","chardev":"charconsole0","id":"console0"}',
        ),
        (
            "<channel type='pty'><target type='virtio' name='a'/></channel>", "x86_64", "pc",
            '{"driver":"virtserialport","bus":"virtio-serial0.0","nr":1,"chardev":"charchannel0","id":"channel0","name":"a"}',
        ),
        (
            "<channel type='pty'><target type='guestfwd' address='10.0.2.1' port='22'/></channel>", "x86_64", "pc",
            '{"type":"user","guestfwd":[{"str":"tcp:10.0.2.1:22-chardev:charchannel0"}],"id":"channel0"}',
        ),
        (
            "<smartcard mode='host'/>", "x86_64", "pc",
            '{"driver":"ccid-card-emulated","backend":"nss-emulated","id":"smartcard0","bus":"ccid0.0"}',
        ),
        (
            "<redirdev bus='usb' type='pty'/><redirfilter><usbdev class='3' version='2.5' allow='yes'/></redirfilter>",
            "x86_64", "pc",
            '{"driver":"usb-redir","chardev":"charredir0","id":"redir0","filter":"0x03:-1:-1:0x0250:1","bus":"usb.0","port":"1"}',
        ),
        (
            "<tpm model='spapr-tpm-proxy'><backend type='passthrough'><device path='/dev/tpmrm0'/></backend></tpm>",
            "ppc64", "pseries", '{"driver":"spapr-tpm-proxy","id":"tpm0","host-path":"/dev/tpmrm0"}',
        ),
        (
            "<rng model='virtio'><backend model='egd' type='tcp'><source mode='connect' host='h' service='1'/></backend></rng>",
            "x86_64", "pc", '{"qom-type":"rng-egd","id":"objrng0","chardev":"charrng0"}',
        ),
        (
            "<filesystem type='mount' accessmode='squash'><source dir='/a,b'/><target dir='t'/><readonly/></filesystem>",
            "x86_64", "pc", "local,security_model=none,id=fsdev-fs0,path=/a,,b,readonly",
        ),
    ],
)  # fmt: skip
def test_guest_side(devices: str, arch: str, machine: str, expected: str) -> None:
    """The device that the guest sees."""
    assert expected in convert(devices, arch, machine)


def test_twin_is_written_once() -> None:
    """The first console is the first serial port; the next one counts on."""
    words = convert("<serial type='pty'/><console type='pty'/><console type='null'><target type='virtio'/></console>")
    assert [word for word in words if "id=char" in word][1:] == ["pty,id=charserial0", "null,id=charconsole1"]


def test_virtiofs() -> None:
    """The daemon's socket, and the device."""
    words = convert(
        "<filesystem type='mount'><driver type='virtiofs' queue='8'/><source dir='/d'/><target dir='t'/></filesystem>",
        memory=SHARED,
    )
    assert "socket,id=chr-vu-fs0,path=/var/lib/libvirt/qemu/domain--1-web/fs0-fs.sock" in words
    assert any(
        '"driver":"vhost-user-fs-pci","id":"fs0","chardev":"chr-vu-fs0","queue-size":8,"tag":"t"' in word for word in words
    )


def test_by_hand() -> None:
    """A person's line has paths where libvirt's has descriptors."""
    words = convert(
        "<serial type='unix'><source mode='bind' path='/s'/></serial>"
        "<serial type='file'><source path='/f'/></serial>",
        plumbing="standalone",
    )  # fmt: skip
    assert "socket,id=charserial0,path=/s,server=on,wait=off" in words
    assert "file,id=charserial1,path=/f" in words


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [
        ("<serial type='file'/>", "needs <source path='…'/>"),
        ("<serial type='nmdm'><source master='/a' slave='/b'/></serial>", "unsupported type 'nmdm'"),
        ("<serial type='tcp'><source mode='connect' host='h'/></serial>", "needs <source service='…'/>"),
        ("<serial type='tcp'><source host='h' service='1'/><protocol type='tls'/></serial>", "no protocol 'tls'"),
        (
            "<serial type='unix'><source mode='bind' path='/s'><reconnect enabled='yes' timeout='1'/></source></serial>",
            "only for <source mode='connect'>",
        ),
        ("<serial type='pty'><target type='isa-serial'><model name='usb-serial'/></target></serial>", "another target type"),
        ("<serial type='pty'><target type='spapr-vio-serial'/></serial>", "does not fit the architecture or machine"),
        ("<console type='pty'/><console type='pty'/>", "only the first console"),
        ("<console type='pty'><target type='xen'/></console>", "no console of type 'xen'"),
        ("<channel type='spicevmc'><target type='virtio'/></channel>", "needs <graphics type='spice'>"),
        (SPICE + "<channel type='spicevmc'><target type='virtio' name='x'/></channel>", "is 'com.redhat.spice.0'"),
        ("<channel type='pty'><target type='guestfwd' address='::1' port='3'/></channel>", "only supports IPv4"),
        ("<smartcard mode='host-certificates'><certificate>a</certificate></smartcard>", "exactly 3 certificates"),
        ("<redirfilter/><redirfilter/>", "only one set of rules"),
        ("<redirfilter><usbdev class='1'/></redirfilter>", "needs its attribute 'allow'"),
        ("<tpm/>", "needs a <backend>"),
        ("<tpm model='tpm-crb'><backend type='emulator' version='1.2'/></tpm>", "its version is '2.0'"),
        ("<tpm><backend type='emulator'/></tpm><tpm><backend type='emulator'/></tpm>", "only a single TPM"),
        ("<filesystem type='file'><source file='/a'/><target dir='x'/></filesystem>", "not type 'file'"),
        (
            "<filesystem type='mount'><driver type='virtiofs'/><source dir='/a'/><target dir='x'/></filesystem>",
            "virtiofs needs shared memory",
        ),
        ("<rng model='virtio'><backend model='egd'/></rng>", "unsupported type 'None'"),
    ],
)
def test_refused(devices: str, complaint: str) -> None:
    """What libvirt refuses, with the place of it."""
    with pytest.raises(ConversionError) as caught:
        convert(devices)
    assert complaint in caught.value.message
    assert caught.value.place is not None
