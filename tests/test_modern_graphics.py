"""``<graphics>``, ``<video>``, ``<sound>``, ``<audio>`` and ``<input>``: their options for QEMU of today, and refusals."""

from __future__ import annotations

import shlex

import pytest

from qemuxml import to_native
from qemuxml.errors import ConversionError

GUEST = """<domain type='qemu'><name>web</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory unit='MiB'>256</memory>
<vcpu>1</vcpu><os><type arch='{arch}' machine='{machine}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-{arch}</emulator>{devices}<memballoon model='none'/></devices></domain>"""


def convert(devices: str, arch: str = "x86_64", machine: str = "pc", plumbing: str = "libvirt") -> list[str]:
    """The words of the guest's command line."""
    return shlex.split(to_native(GUEST.format(devices=devices, arch=arch, machine=machine), plumbing=plumbing))


@pytest.mark.parametrize(
    ("devices", "option", "expected"),
    [
        ("", "-display", "none"),
        ("<graphics type='vnc'/>", "-vnc", "127.0.0.1:0,audiodev=audio1"),
        ("<graphics type='vnc' port='5910' listen='::'/>", "-vnc", "[::]:10,audiodev=audio1"),
        ("<graphics type='vnc' socket='/a,b'/>", "-vnc", "vnc=unix:/a,,b,audiodev=audio1"),
        ("<graphics type='vnc'><listen type='none'/></graphics>", "-vnc", "none,audiodev=audio1"),
        (
            "<graphics type='vnc' websocket='5701' sharePolicy='ignore' powerControl='no' passwd='x'/>", "-vnc",
            "127.0.0.1:0,websocket=5701,share=ignore,password=on,power-control=off,audiodev=audio1",
        ),
        ("<graphics type='vnc' keymap='de'/>", "-k", "de"),
        ("<graphics type='spice'/>", "-spice", "port=0,seamless-migration=on"),
        ("<graphics type='spice' autoport='yes'/>", "-spice", "port=5901,addr=127.0.0.1,seamless-migration=on"),
        (
            ("<graphics type='spice' port='5903' tlsPort='5904' defaultMode='secure'><channel name='main' mode='insecure'/>"
            "<image compression='off'/><clipboard copypaste='no'/></graphics>"), "-spice",
            ("port=5903,tls-port=5904,addr=127.0.0.1,x509-dir=/etc/pki/libvirt-spice,tls-channel=default,"
            "plaintext-channel=main,image-compression=off,disable-copy-paste=on,seamless-migration=on"),
        ),
        (
            "<graphics type='spice'><gl enable='yes' rendernode='/dev/dri/r'/></graphics>", "-spice",
            "port=0,gl=on,rendernode=/dev/dri/r,seamless-migration=on",
        ),
        ("<graphics type='sdl'><gl enable='yes'/></graphics>", "-display", "sdl,gl=on"),
        ("<graphics type='egl-headless'><gl rendernode='/dev/r'/></graphics>", "-display", "egl-headless,rendernode=/dev/r"),
        ("<graphics type='dbus' p2p='yes'/>", "-display", "dbus,p2p=on"),
        ("<graphics type='spice'/>", "-audiodev", '{"id":"audio1","driver":"spice"}'),
        ("<audio id='1' type='pulseaudio' serverName='h'/>", "-audiodev", '{"id":"audio1","driver":"pa","server":"h"}'),
    ],
)  # fmt: skip
def test_display(devices: str, option: str, expected: str) -> None:
    """The display's option."""
    words = convert(devices)
    assert words[words.index(option) + 1] == expected


@pytest.mark.parametrize(
    ("devices", "arch", "machine", "expected"),
    [
        (
            "<graphics type='vnc'/>", "x86_64", "pc", '{"driver":"cirrus-vga","id":"video0","bus":"pci.0","addr":"0x2"}',
        ),
        (
            "<video><model type='qxl' ram='3000' vram='1000'/></video>", "x86_64", "pc",
            ('{"driver":"qxl-vga","id":"video0","max_outputs":1,"ram_size":4194304,"vram_size":1048576,"vram64_size_mb":0,'
            '"vgamem_mb":16,"bus":"pci.0","addr":"0x2"}'),
        ),
        (
            "<video><model type='vga'/></video>", "x86_64", "pc",
            '{"driver":"VGA","id":"video0","vgamem_mb":16,"bus":"pci.0","addr":"0x2"}',
        ),
        (
            "<video><model type='virtio'><acceleration accel3d='yes'/></model></video>", "ppc64", "pseries",
            '{"driver":"virtio-gpu-gl-pci","id":"video0","max_outputs":1,"bus":"pci.0","addr":"0x2"}',
        ),
        ("<video><model type='ramfb'/></video>", "x86_64", "pc", '{"driver":"ramfb","id":"video0"}'),
        (
            "<sound model='usb' multichannel='yes'/>", "x86_64", "pc",
            '{"driver":"usb-audio","id":"sound0","audiodev":"audio1","multi":true,"bus":"usb.0","port":"1"}',
        ),
        (
            "<audio id='2' type='none'/><sound model='ich6'><codec type='micro'/></sound>", "x86_64", "pc",
            '{"driver":"hda-micro","id":"sound0-codec0","bus":"sound0.0","cad":0,"audiodev":"audio2"}',
        ),
        (
            "<sound model='virtio'/>", "x86_64", "pc",
            '{"driver":"virtio-sound-pci","id":"sound0","audiodev":"audio1","streams":2,"bus":"pci.0","addr":"0x2"}',
        ),
        (
            "<input type='tablet' bus='usb'/>", "x86_64", "pc", '{"driver":"usb-tablet","id":"input0","bus":"usb.0","port":"1"}',
        ),
        (
            "<input type='passthrough' bus='virtio'><source evdev='/dev/e'/></input>", "x86_64", "pc",
            '{"driver":"virtio-input-host-pci","id":"input0","evdev":"/dev/e","bus":"pci.0","addr":"0x2"}',
        ),
        (
            "<input type='evdev'><source dev='/dev/e' grab='all' grabToggle='alt-alt' repeat='on'/></input>", "x86_64", "pc",
            '{"qom-type":"input-linux","id":"input0","evdev":"/dev/e","repeat":true,"grab_all":true,"grab-toggle":"alt-alt"}',
        ),
    ],
)  # fmt: skip
def test_device(devices: str, arch: str, machine: str, expected: str) -> None:
    """The device that the guest sees."""
    assert expected in convert(devices, arch, machine)


def test_environment() -> None:
    """Windows and sound of SDL are told by variables."""
    words = convert("<graphics type='sdl' display=':1' xauth='/x'/><audio id='1' type='sdl' driver='pulseaudio'/>")
    assert {"DISPLAY=:1", "XAUTHORITY=/x", "SDL_AUDIODRIVER=pulseaudio"} <= set(words)


def test_spice_by_hand_needs_no_ticket() -> None:
    """Nobody sets a password by the monitor of a person's own line."""
    assert any("disable-ticketing=on" in word for word in convert("<graphics type='spice'/>", plumbing="standalone"))


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [
        ("<graphics type='desktop'/>", "no such display"),
        ("<graphics type='vnc'/><graphics type='vnc'/>", "only 1 display of each type"),
        ("<graphics type='vnc' passwd='123456789'/>", "at most 8 characters"),
        ("<graphics type='vnc' port='100'/>", "from 5900 to 65535"),
        (
            "<graphics type='vnc' listen='1.1.1.1'><listen type='address' address='2.2.2.2'/></graphics>",
            "the address of the first <listen>",
        ),
        ("<graphics type='spice'><gl enable='yes'/></graphics><graphics type='egl-headless'/>", "multiple OpenGL displays"),
        ("<graphics type='vnc'><audio id='4'/></graphics>", "no <audio id='4'>"),
        ("<video><model type='vbox'/></video>", "no card of type 'vbox'"),
        ("<video><model type='none'/></video><video><model type='vga'/></video>", "must be the only one"),
        ("<video><model type='vga' vram='500'/></video>", "at least 1 MiB"),
        ("<video><model type='vga'/></video><video><model type='vga'/></video>", "only possible as the primary card"),
        ("<video><model type='cirrus'><resolution x='3' y='4'/></model></video>", "takes no <resolution>"),
        ("<audio id='1' type='none'/><audio id='1' type='none'/>", "id '1' is used twice"),
        ("<audio id='1' type='spice'/>", "needs a display of type 'spice'"),
        ("<sound model='ich7x'/>", "no such card"),
        ("<sound model='ac97'><audio id='7'/></sound>", "no <audio> backend"),
        ("<input type='tablet' bus='ps2'/>", "PS/2 has no such device"),
        ("<input type='mouse' bus='virtio' model='virtio-transitional'/>", "no model 'virtio-transitional'"),
        ("<input type='evdev'/>", "needs <source dev='…'/>"),
    ],
)
def test_refused(devices: str, complaint: str) -> None:
    """What libvirt refuses, with the place of it."""
    with pytest.raises(ConversionError) as caught:
        convert(devices)
    assert complaint in caught.value.message
    assert caught.value.place is not None
