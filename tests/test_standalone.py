"""A line that a person runs: its host side without libvirt, its secrets, its redaction, and the shell script in its place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree
from test_oracle import CASES, needs_cases

import qemuxml
from qemuxml import convert
from qemuxml.cli.group import commands
from qemuxml.cmdline import options, values, words
from qemuxml.cmdline.options import Option
from qemuxml.errors import Source
from qemuxml.mapping import plumbing

Flat = dict[str, str]

GUEST = """<domain type='{kind}'>
  <name>web</name><uuid>11111111-2222-4333-8444-555555555555</uuid><memory unit='MiB'>512</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
  {domain}
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices>
</domain>"""
SHARED = "<memoryBacking><access mode='shared'/></memoryBacking>"


def guest(devices: str = "", domain: str = "", kind: str = "qemu") -> str:
    return GUEST.format(kind=kind, domain=domain, devices=devices)


def card(source: str, kind: str = "network", more: str = "") -> str:
    return f"<interface type='{kind}'><mac address='52:54:00:11:22:33'/>{source}<model type='virtio'/>{more}</interface>"


def warnings(xml: str, kind: str = "standalone") -> list[str]:
    return [note.message for note in convert.to_native(xml, name="x", profile="modern", plumbing=plumbing.find(kind)).notes]


# ------------------------------------------------------------------ the host side

NETDEVS = [
    (card("<source network='default'/>"), '{"type":"bridge","br":"virbr0","id":"hostnet0"}'),
    (card("<source network='lab'/>"), '{"type":"user","id":"hostnet0"}'),
    (card("<source bridge='br0'/>", "bridge"), '{"type":"bridge","br":"br0","id":"hostnet0"}'),
    (card("<source bridge='ovs'/><virtualport type='openvswitch'/>", "bridge"), '{"type":"user","id":"hostnet0"}'),
    (card("<source dev='eth0' mode='bridge'/>", "direct"), '{"type":"user","id":"hostnet0"}'),
    (card("", "user"), '{"type":"user","id":"hostnet0"}'),
    (
        card("<target dev='tap7'/>", "ethernet"),
        '{"type":"tap","ifname":"tap7","script":"no","downscript":"no","id":"hostnet0"}',
    ),
    (
        card("<script path='/etc/up'/><driver name='vhost' queues='2'/>", "ethernet"),
        '{"type":"tap","script":"/etc/up","downscript":"no","queues":2,"vhost":true,"id":"hostnet0"}',
    ),
    (
        card("<backend type='passt'/><portForward proto='tcp'><range start='2022' to='22'/></portForward>", "user"),
        '{"type":"user","hostfwd":[{"str":"tcp::2022-:22"}],"id":"hostnet0"}',
    ),
    (
        card(
            "<backend type='passt'/><portForward proto='udp' address='127.0.0.1'><range start='10' end='13' to='20'/>"
            "<range start='11' end='12' exclude='yes'/></portForward>",
            "user",
        ),
        '{"type":"user","hostfwd":[{"str":"udp:127.0.0.1:10-:20"},{"str":"udp:127.0.0.1:13-:23"}],"id":"hostnet0"}',
    ),
    (
        card("<backend type='passt'/><portForward proto='tcp' dev='eth0'><range start='80'/></portForward>", "user"),
        '{"type":"stream","addr":{"type":"unix","path":"web-net0-passt.sock"},"server":false,"reconnect-ms":5000,"id":"hostnet0"}',
    ),
    (card("<source dev='/dev/vhost-vdpa-0'/>", "vdpa"), '{"type":"vhost-vdpa","vhostdev":"/dev/vhost-vdpa-0","id":"hostnet0"}'),
]


@pytest.mark.parametrize(("interface", "netdev"), NETDEVS)
def test_a_card_is_plugged_into_what_a_line_can_open(interface: str, netdev: str) -> None:
    line = qemuxml.to_native(guest(interface))
    assert f"-netdev '{netdev}'" in line
    assert re.search(r'"driver":"virtio-net-pci",("mq":true,"vectors":6,)?"netdev":"hostnet0"', line)


def test_a_networks_bridge_can_be_named() -> None:
    line = qemuxml.to_native(guest(card("<source network='lab'/>")), networks={"lab": "br7", "default": "br8"})
    assert '{"type":"bridge","br":"br7","id":"hostnet0"}' in line


PLACES = [
    ("", "", "path=web.qmp,server=on,wait=off"),
    ("/run/vm", "", "path=/run/vm/web.qmp,server=on,wait=off"),
    (
        "/run/vm",
        "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
        "path=/run/vm/web-org.qemu.guest_agent.0.sock,server=on",
    ),
    ("", "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>", "id=chrtpm,path=web-swtpm.sock"),
    ("s", "<graphics type='vnc'><listen type='socket'/></graphics>", "-vnc vnc=unix:s/web-vnc.sock"),
    ("", "<graphics type='vnc' port='5907' listen='0.0.0.0'/>", "-vnc 0.0.0.0:7,"),
    ("", "<graphics type='vnc' autoport='yes'/>", "-vnc 127.0.0.1:0,"),
]


@pytest.mark.parametrize(("folder", "devices", "said"), PLACES)
def test_sockets_lie_in_the_state_directory(folder: str, devices: str, said: str) -> None:
    assert said in qemuxml.to_native(guest(devices), state_dir=folder)


def test_no_plumbing_of_libvirt_is_left() -> None:
    line = qemuxml.to_native(guest(card("<source network='default'/>"), SHARED))
    assert not re.search(r" -S |masterKey0|-sandbox|fd=|fdset|/var/(lib|run)/libvirt|-no-shutdown", line)
    assert '"qom-type":"memory-backend-memfd"' in line
    assert " -S " in qemuxml.to_native(guest(), paused=True)


ENDS = [
    ("<on_reboot>destroy</on_reboot>", "-no-reboot"),
    ("<on_crash>restart</on_crash>", "-action panic=none"),
    ("<on_crash>preserve</on_crash>", "-action panic=pause"),
]


@pytest.mark.parametrize(("element", "option"), ENDS)
def test_qemu_itself_ends_the_guest(element: str, option: str) -> None:
    assert f" {option} " in qemuxml.to_native(guest(domain=element))
    assert f" {option} " not in qemuxml.to_native(guest())


def test_a_board_with_a_sound_chip_gets_its_backend() -> None:
    xml = guest(card("", "user")).replace("x86_64' machine='q35", "armv7l' machine='vexpress-a9").replace("x86_64", "arm")
    xml = xml.replace("<features><acpi/></features>", "").replace("virtio", "lan9118")
    assert ",audiodev=audio1" in qemuxml.to_native(xml)
    assert ",audiodev=" not in qemuxml.to_native(xml, plumbing="libvirt")


ADVICE = [
    (card("<source dev='eth0' mode='bridge'/>", "direct"), "no line can open a macvtap of eth0"),
    (card("<source network='lab'/>"), "name its bridge by --network lab=BRIDGE"),
    (card("<source network='default'/>"), "the bridge virbr0 must be up"),
    ("<graphics type='vnc' autoport='yes'/>", "its port is 5900: libvirt would take the first one that is free"),
    (
        "<graphics type='spice' passwd='hunter2' passwdValidTo='2040-01-01T00:00:00' port='5901'/>",
        "no option ends a password, this one at 2040-01-01T00:00:00: nobody gets in until set_password and expire_password",
    ),
    ("<graphics type='vnc' passwd='hunter2' port='5901'/>", "into the file web-vnc-password.secret, without a newline"),
    ("<tpm><backend type='emulator' version='2.0'/></tpm>", "start swtpm first: mkdir -p web-tpm; swtpm socket --terminate"),
    (
        "<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='6' slot='2' function='1'/></source></hostdev>",
        "bind the host's device 0000:06:02.1 to vfio-pci first",
    ),
]


@pytest.mark.parametrize(("devices", "advice"), ADVICE)
def test_what_libvirt_would_have_done_is_told(devices: str, advice: str) -> None:
    assert any(advice in message for message in warnings(guest(devices)))
    assert not any(advice in message for message in warnings(guest(devices), "libvirt"))


FIRMWARE = "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os>"
DESCRIPTOR = {
    "interface-types": ["uefi"],
    "mapping": {
        "device": "flash",
        "executable": {"filename": "/fw/CODE.fd", "format": "raw"},
        "nvram-template": {"filename": "/fw/VARS.fd", "format": "raw"},
    },
    "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}],
    "features": [],
}


def test_variables_of_uefi_are_made_of_their_template() -> None:
    xml = re.sub(r"<os>.*?</os>", FIRMWARE, guest())
    line = qemuxml.to_native(xml, state_dir="/vm")
    assert '"filename":"/vm/web_VARS.fd"' in line
    assert any("make web_VARS.fd first, as libvirt would: cp " in message for message in warnings(xml))


def test_firmware_is_selected_by_the_hosts_own_descriptors(tmp_path: Path) -> None:
    (tmp_path / "50-own.json").write_text(json.dumps(DESCRIPTOR))
    (tmp_path / "guest.xml").write_text(re.sub(r"<os>.*?</os>", FIRMWARE, guest()))
    done = run("to-native", str(tmp_path / "guest.xml"), "--firmware-dir", str(tmp_path), "-q")
    assert '"filename":"/fw/CODE.fd"' in done.stdout
    assert '"filename":"web_VARS.fd"' in done.stdout
    (tmp_path / "50-own.json").write_text("{}")
    done = run("to-native", str(tmp_path / "guest.xml"), "--firmware-dir", str(tmp_path))
    assert (done.exit_code, "50-own.json: not a firmware descriptor" in done.stderr) == (1, True)


# ------------------------------------------------------------------ secrets

COOKIE = """<disk type='network'><source protocol='https' name='/a'><host name='h'/><cookies>
<cookie name='a'>hunter2</cookie></cookies>
</source><target dev='vda'/><readonly/></disk>"""
SECRETS = [
    ("<graphics type='vnc' passwd='hunter2' port='5901'/>", "vnc-password"),
    ("<graphics type='spice' passwd='hunter2' port='5901'/>", "spice-password"),
    (
        COOKIE,
        "libvirt-1-storage-httpcookie-secret0",
    ),
]


@pytest.mark.parametrize(("devices", "name"), SECRETS)
def test_a_secret_of_the_xml_is_on_the_line_only_where_that_is_asked_for(devices: str, name: str) -> None:
    line = qemuxml.to_native(guest(devices))
    assert "hunter2" not in line
    assert f'{{"qom-type":"secret","id":"{name}","file":"web-{name}.secret","format":"raw"}}' in line
    assert "hunter2" in qemuxml.to_native(guest(devices), inline_secrets=True)
    assert "hunter2" not in qemuxml.to_native(guest(devices), inline_secrets=True, redact=True)
    assert "hunter2" not in qemuxml.to_native(guest(devices), script=True)


@pytest.mark.parametrize(("kind", "closed"), [("vnc", "127.0.0.1:1,password=on"), ("spice", "port=5901,addr=127.0.0.1,")])
def test_a_password_that_expires_opens_no_display(kind: str, closed: str) -> None:
    line = qemuxml.to_native(guest(f"<graphics type='{kind}' passwd='hunter2' passwdValidTo='2040-01-01T00:00:00' port='5901'/>"))
    assert f"-{kind} {closed}" in line
    assert not re.search("secret|disable-ticketing|hunter2", line)


# ------------------------------------------------------------------ redaction

IDENTIFYING = """<disk type='file'><source file='/srv/secret guest/disk.qcow2'/><target dev='vda'/><serial>WD-1234</serial></disk>
<disk type='file'><source file='/srv/secret guest/disk.qcow2'/><target dev='vdb'/><serial>WD-1234</serial><shareable/></disk>
<interface type='user'><mac address='52:54:00:aB:cd:ef'/></interface><graphics type='vnc' passwd='hunter2' port='5901'/>"""


def test_the_same_value_has_the_same_stand_in() -> None:
    line = qemuxml.to_native(guest(IDENTIFYING), redact=True)
    assert not re.search("srv|secret guest|WD-1234|hunter2|ab:cd:ef|11111111-2222", line, re.IGNORECASE)
    assert line.count('"filename":"/redacted/1.qcow2"') == 2
    assert line.count('"serial":"redacted-1"') == 2
    assert line.startswith("qemu-system-x86_64 ")
    again = qemuxml.from_native(line)
    assert again.count("<source file='/redacted/1.qcow2'") == 2
    assert "<uuid>00000000-0000-4000-8000-000000000001</uuid>" in again


PASSED = """<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
<qemu:arg value='-object'/><qemu:arg value='secret,id=s0,data=hunter2'/>
<qemu:arg value='-drive'/><qemu:arg value='file=/srv/b.img,if=none,id=x'/>
<qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/a,string=see http://example.org/b 11111111-2222-4333-8444-555555555555'/>
</qemu:commandline>"""


def test_what_is_passed_through_is_redacted_too() -> None:
    line = qemuxml.to_native(guest().replace("</domain>", PASSED + "</domain>"), redact=True)
    assert "data=redacted-1" in line
    assert "file=/redacted/1.img,if=none" in line
    assert "name=opt/a,string=see http://example.org/b 00000000-0000-4000-8000-000000000001" in line


def cases() -> list[Path]:
    return sorted(path for path in (CASES / "modern").glob("*.xml") if "." not in path.stem) if CASES else []


def converted(path: Path, **wishes: Any) -> str | None:
    try:
        return qemuxml.to_native(path.read_text(encoding="utf-8"), **wishes)
    except qemuxml.ConversionError:
        return None


UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MAC = re.compile(r"(?<![\w:])[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![\w:])")
PATH = re.compile(r"(?<![\w/.])/\w[^\s,;:]*")
FREE = frozenset({"metadata", "description", "title"})


def identifying(path: Path) -> Iterator[str]:
    """Everything in an XML that a bug report must not tell."""
    for node in etree.parse(path).iter(etree.Element):
        if FREE & {node.tag, *(above.tag for above in node.iterancestors())}:
            continue
        for text in (node.text or "", *node.attrib.values()):
            for pattern in (UUID, MAC, PATH):
                yield from pattern.findall(text)
        told = {"serial": "disk", "cookie": "cookies", "wwn": "disk"}.get(node.tag)
        if told and node.getparent().tag == told:
            yield node.text or ""
        if node.tag == "entry" and node.get("name") in ("serial", "asset"):
            yield node.text or ""
        yield node.get("passwd") or ""


@needs_cases
@pytest.mark.parametrize("wishes", [{}, {"script": True}, {"plumbing": "libvirt"}])
def test_nothing_that_identifies_is_left_of_any_case(wishes: dict[str, Any]) -> None:
    left = {}
    for path in cases():
        made = converted(path, redact=True, **wishes)
        told = [text for text in identifying(path) if text.strip() and text in (made or "") and text != "/dev/null"]
        if told:
            left[path.name] = told
    assert left == {}


# ------------------------------------------------------------------ what a guest can see

ABSENT = frozenset({"-S", "-sandbox", "-add-fd", "-no-shutdown", "-no-reboot", "-action"})
"""Options about the launch alone."""
FREELY: dict[str, frozenset[str]] = {
    "-chardev": frozenset({"path", "fd", "server", "wait", "reconnect", "reconnect-ms", "logfile", "logappend", "append"}),
    "-blockdev": frozenset({"filename", "path", "driver", "server.type", "server.path", "server.host", "server.port", "user"}),
    "-object": frozenset(
        {"mem-path", "discard-data", "hugetlb", "hugetlbsize", "prealloc-threads", "path", "dh-cert-file", "session-file"}
    ),
    "-vnc": frozenset({"password", "password-secret", "vnc", "websocket"}),
    "-spice": frozenset({"disable-ticketing", "password-secret", "addr"}),
    "-display": frozenset({"addr"}),
    "-fsdev": frozenset({"security_model"}),
    "-tpmdev": frozenset({"path", "cancel-path"}),
    "-machine": frozenset({"audiodev"}),
    "-device": frozenset({"vhostfd", "vhostfds"}),
}
"""Properties of the host's side; all others must be the same."""


def seen(line: str) -> list[tuple[str, Flat]]:
    """The options of a line, without those about the launch and without the host's properties."""
    parsed = options.parse(words.split(Source(line, "line")), Source(line, "line")).options
    backends = {flat(option).get("chardev") for option in parsed if option.name == "-netdev"}
    found = []
    for option in parsed:
        pairs = flat(option)
        kind = pairs.get("qom-type", "")
        if option.name in ABSENT or (option.name == "-object" and kind == "secret"):
            continue
        if option.name == "-chardev" and pairs.get("id") in backends:
            continue
        if option.name == "-netdev" and "guestfwd.0.str" not in pairs:
            pairs = {"id": pairs["id"]}
        if kind in ("memory-backend-file", "memory-backend-memfd"):
            pairs["qom-type"] = "shared memory"
        found.append((option.name, {key: value for key, value in pairs.items() if key not in FREELY.get(option.name, ())}))
    return found


def flat(option: Option) -> Flat:
    if option.value is None:
        return {}
    if option.text.startswith("{"):
        return dict(_flattened(json.loads(option.text), ""))
    if option.name in ("-fsdev", "-vnc"):
        return {item.key or "": item.text for item in values.parse(option.value, "first").properties if item.key != "first"}
    return {item.key or "": item.text for item in values.parse(option.value, "first").properties}


def _flattened(made: Any, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(made, dict | list):
        for key, value in made.items() if isinstance(made, dict) else enumerate(made):
            yield from _flattened(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, made if isinstance(made, str) else json.dumps(made)


@needs_cases
def test_a_guest_sees_no_difference_between_the_plumbings() -> None:
    different = {}
    for path in cases():
        lines = [converted(path, plumbing=plumbing) for plumbing in ("standalone", "libvirt")]
        assert (lines[0] is None) is (lines[1] is None), path.name
        own, theirs = (seen(line) if line else [] for line in lines)
        if own != theirs:
            different[path.name] = [pair for pair in zip(own, theirs, strict=False) if pair[0] != pair[1]][:2]
    assert different == {}


# ------------------------------------------------------------------ scripts

NEEDY = guest(
    card("<backend type='passt'/>", "user")
    + "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
    + "<filesystem><driver type='virtiofs' queue='1024'/><source dir='/srv'/><target dir='srv'/></filesystem>"
    + "<disk type='file'><source file='/images/a disk.img'/><target dev='vda'/></disk>"
    + "<graphics type='vnc' passwd='hunter2' port='5901'/>",
    SHARED,
)
PARTS = [
    "#!/bin/sh\n# Starts the guest web in QEMU, without libvirt.",
    "command -v /usr/bin/qemu-system-x86_64 >/dev/null || fail 'the program /usr/bin/qemu-system-x86_64 is missing'\n",
    "command -v swtpm >/dev/null || fail 'the program swtpm is missing'\n",
    "[ -e '/images/a disk.img' ] || fail 'the disk image is missing: /images/a disk.img'\n",
    "mkdir -p -- /vm/web-tpm\n",
    "virtiofsd \\\n    --socket-path=/vm/web-fs0-fs.sock \\\n    --shared-dir=/srv &\n",
    "passt \\\n    --foreground \\\n    --quiet \\\n    --one-off \\\n    --socket /vm/web-net0-passt.sock &\n",
    "await /vm/web-swtpm.sock swtpm\n",
    "    -msg timestamp=on \\\n    <&0 &\nguest=$!\n",
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_script_prepares_the_host(part: str) -> None:
    assert part in qemuxml.to_native(NEEDY, script=True, state_dir="/vm")


def test_a_script_of_passt_lets_it_run() -> None:
    forwarding = card("<backend type='passt'/><portForward proto='tcp'><range start='2022' to='22'/></portForward>", "user")
    script = qemuxml.to_native(guest(forwarding), script=True)
    assert "--tcp-ports 2022:22 &" in script
    assert '"type":"stream"' in script


@pytest.mark.parametrize("wishes", [{"plumbing": "libvirt"}, {"profile": "manual"}])
def test_a_script_is_for_a_line_of_today(wishes: dict[str, str]) -> None:
    with pytest.raises(qemuxml.UnsupportedError, match="script"):
        qemuxml.to_native(guest(), script=True, **wishes)  # type: ignore[arg-type]


def test_a_name_with_a_dollar_is_meant_so() -> None:
    script = qemuxml.to_native(guest(), script=True, state_dir="/vm/$(x) `y`")
    assert "# shellcheck disable=SC2016\nset -eu\n" in script
    assert "mkdir -p -- '/vm/$(x) `y`'\n" in script
    assert "shellcheck" not in qemuxml.to_native(guest(), script=True)


def test_a_script_complains_of_what_is_missing_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "guest.sh").write_text(qemuxml.to_native(NEEDY.replace("/usr/bin/qemu", "/nowhere/qemu"), script=True))
    done = subprocess.run(["sh", "guest.sh"], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (1, "guest.sh: the program /nowhere/qemu-system-x86_64 is missing\n")
    assert [path.name for path in tmp_path.iterdir()] == ["guest.sh"]


STUB = """#!/bin/sh
trap 'echo ended >qemu.end; exit 0' TERM
echo "$$" >qemu.pid
[ "${1:-}" = fast ] && exit 7
while :; do sleep 0.1; done
"""


def test_a_script_ends_its_guest_with_itself(tmp_path: Path) -> None:
    (tmp_path / "qemu-system-x86_64").write_text(STUB)
    (tmp_path / "qemu-system-x86_64").chmod(0o755)
    script = qemuxml.to_native(guest().replace("/usr/bin", str(tmp_path)), script=True)
    (tmp_path / "guest.sh").write_text(script)
    process = subprocess.Popen(["sh", "guest.sh"], cwd=tmp_path, stdin=subprocess.DEVNULL)
    while not (tmp_path / "qemu.pid").exists():
        assert process.poll() is None
    process.terminate()
    assert process.wait(10) == 143
    assert (tmp_path / "qemu.end").read_text() == "ended\n"


@needs_cases
def test_every_script_is_sound(tmp_path: Path) -> None:
    """``sh -n`` reads them all, and shellcheck has nothing to say, where it is installed."""
    made, plain = [], []
    for path in cases():
        script = converted(path, script=True)
        if script:
            (made if re.search("await|cat --|printf '%s' ", script) else plain).append(path.stem + ".sh")
            (tmp_path / f"{path.stem}.sh").write_text(script)
    assert made
    assert plain
    loop = 'for file in *.sh; do sh -n "$file" || exit 1; done'
    assert subprocess.run(["sh", "-c", loop], cwd=tmp_path, timeout=60, check=False).returncode == 0
    checker = shutil.which("shellcheck")
    if checker is None:
        pytest.skip("shellcheck is not installed")
    done = subprocess.run([checker, *made, *plain[::10]], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == ""


# ------------------------------------------------------------------ the command


def run(*arguments: str, **environment: str) -> Any:
    return CliRunner().invoke(commands, list(arguments), env=environment)


VIRSH = f"""#!/bin/sh
[ "$*" = "dumpxml --security-info --domain web" ] || {{ echo "error: failed to get domain '$4'" >&2; exit 1; }}
cat <<'XML'
{guest()}
XML
"""


def test_a_guest_of_this_host_is_asked_of_virsh(tmp_path: Path) -> None:
    (tmp_path / "virsh").write_text(VIRSH)
    (tmp_path / "virsh").chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    for name in (("to-native",), ("domxml-to-native", "qemu-argv")):
        done = run(*name, "--domain", "web", PATH=path)
        assert (done.exit_code, done.stdout) == (0, qemuxml.to_native(guest()))
    done = run("to-native", "--domain", "mail", PATH=path)
    assert (done.exit_code, done.stderr) == (1, "error: virsh: failed to get domain 'mail'\n")
    (tmp_path / "virsh").unlink()
    done = run("to-native", "--domain", "web", PATH=str(tmp_path))
    assert (done.exit_code, done.stderr) == (1, "error: virsh is not installed: --domain asks it for the XML of a guest\n")


WRONG = [
    (["to-native"], "one FILE is needed, or --domain NAME"),
    (["to-native", "a.xml", "--domain", "web"], "one FILE is needed, or --domain NAME"),
    (["to-native", "a.xml", "--network", "lab"], "'lab' is not NAME=BRIDGE"),
    (["to-native", "a.xml", "--state-dir", ""], "a folder's name with printable characters is needed"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_wrong_call_is_told(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_the_wishes_reach_the_line(tmp_path: Path) -> None:
    (tmp_path / "guest.xml").write_text(guest(card("<source network='lab'/>")))
    wishes = ["--paused", "--state-dir", "/vm", "--network", "lab=br7", "--script", "--quiet"]
    done = run("to-native", str(tmp_path / "guest.xml"), *wishes)
    assert done.exit_code == 0
    assert done.stdout == qemuxml.to_native(
        guest(card("<source network='lab'/>")), paused=True, state_dir="/vm", networks={"lab": "br7"}, script=True
    )


# ------------------------------------------------------------------ what does not start by itself


@needs_cases
def test_lines_that_do_not_start_are_listed_by_case_and_reason() -> None:
    reasons = tomllib.loads((Path(__file__).parent / "live.toml").read_text(encoding="utf-8"))
    listed = [case for named in reasons.values() for case in named]
    assert len(listed) == len(set(listed))
    assert set(listed) <= {path.stem for path in cases()}
    refused = {path.stem for path in cases() if path.stem in listed and converted(path) is None}
    assert refused == set(reasons["nothing: libvirt refuses to start the guest, and so do we"])
