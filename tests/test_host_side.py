"""The host's side of a guest that was started by hand: forwarded ports, and what a person wishes to become of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree

import qemuxml
from qemuxml import convert
from qemuxml.mapping.wishes import HOSTFWD, Wishes

QEMU = "/usr/bin/qemu-system-x86_64 -m 512 "
CARD = " -device e1000,netdev=n"


def made(line: str, profile: str = "modern", **wished: Any) -> convert.Conversion:
    return convert.from_native(QEMU + line, name="t", profile=profile, base_dir="/vm", wishes=Wishes(**wished))


def notes(conversion: convert.Conversion) -> str:
    return "\n".join(note.message for note in conversion.notes)


def tree(conversion: convert.Conversion) -> Any:
    return etree.fromstring(conversion.text.encode())


def passed(conversion: convert.Conversion) -> list[str]:
    commandline = conversion.domain.commandline
    return [arg.value or "" for arg in commandline.args] if commandline else []


# ------------------------------------------------------------------ --hostfwd

NETWORKS = {
    "netdev": "-netdev user,id=n,{}" + CARD,
    "json": '-netdev \'{{"type":"user","id":"n","hostfwd":[{{"str":"tcp::2222-:22"}}]}}\'' + CARD,
    "net": "-net nic -net user,{}",
    "nic": "-nic user,model=e1000,{}",
    "redir": "-net nic -net user -redir tcp:2222::22",
    "redir alone": "-redir tcp:2222::22",
}
every_network = pytest.mark.parametrize(
    "line", [text.format("hostfwd=tcp::2222-:22") for text in NETWORKS.values()], ids=NETWORKS
)


def card(conversion: convert.Conversion) -> tuple[str, ...]:
    """What the guest sees of its only network card."""
    (found,) = tree(conversion).findall("devices/interface")
    return found.get("type"), found.find("mac").get("address"), found.find("model").get("type"), found.find("address").get("slot")


@every_network
def test_the_card_is_the_same_whichever_is_wished(line: str) -> None:
    assert {card(made(line, hostfwd=wish)) for wish in HOSTFWD} == {("user", "52:54:00:12:34:56", "e1000", "0x03")}


@every_network
def test_by_passt(line: str) -> None:
    root = tree(made(line))
    assert root.find("devices/interface/backend").get("type") == "passt"
    (forward,) = root.findall("devices/interface/portForward")
    assert (forward.get("proto"), forward.get("address"), dict(forward[0].attrib)) == ("tcp", None, {"start": "2222", "to": "22"})
    assert passed(made(line)) == []


@every_network
def test_passed_through(line: str) -> None:
    conversion = made(line, hostfwd="passthrough")
    option, value = passed(conversion)
    assert option == "-netdev"
    assert "tcp::2222-:22" in value
    assert tree(conversion).find("devices/interface/backend") is None
    identifier = re.search(r"id\W+([\w-]+)", value)
    plugged = tree(conversion).find(".//{*}property[@name='netdev']")
    assert identifier
    assert plugged.get("value") == identifier[1]


@every_network
def test_dropped(line: str) -> None:
    conversion = made(line, hostfwd="drop")
    assert tree(conversion).find("devices/interface/portForward") is None
    assert passed(conversion) == []
    assert notes(conversion).count("no port of the host leads there any more") == 1


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("hostfwd=udp::53-:5353", ["udp - 53 5353"]),
        ("hostfwd=tcp:127.0.0.1:80-10.0.2.15:80", ["tcp 127.0.0.1 80 -"]),
        ("hostfwd=:127.0.0.1:80-0.0.0.0:80", ["tcp 127.0.0.1 80 -"]),
        ("hostfwd=tcp:[::1]:80-:80", ["tcp ::1 80 -"]),
        ("hostfwd=tcp::1-:2,hostfwd=udp::3-:4", ["tcp - 1 2", "udp - 3 4"]),
        ("net=192.168.76.0/24,hostfwd=tcp::1-192.168.76.15:2", ["192.168.76.15/24", "tcp - 1 2"]),
        ("net=172.20.0.0/255.255.0.0,hostfwd=tcp::1-:2", ["172.20.2.15/16", "tcp - 1 2"]),
        ("dhcpstart=10.0.2.40,hostfwd=tcp::1-10.0.2.40:2", ["10.0.2.40/24", "tcp - 1 2"]),
    ],
)
def test_what_passt_is_told(network: str, expected: list[str]) -> None:
    interface = tree(made(f"-netdev user,id=n,{network}{CARD}")).find("devices/interface")
    addresses = [f"{ip.get('address')}/{ip.get('prefix')}" for ip in interface.findall("ip")]
    forwards = [
        " ".join(item or "-" for item in (one.get("proto"), one.get("address"), one[0].get("start"), one[0].get("to")))
        for one in interface.findall("portForward")
    ]
    assert addresses + forwards == expected


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("hostfwd=tcp::0-:22", "port 0 is any free port of the host"),
        ("hostfwd=tcp::2222-10.0.2.20:22", "it hands ports to the guest's own address, which is 10.0.2.15"),
        ("net=10.1.0.0/16,hostfwd=tcp::1-10.0.2.15:2", "which is 10.1.2.15"),
        ("ipv6-prefix=fd00::,hostfwd=tcp::1-:2", "the guest's address in its network would be another"),
        ("net=10.1.0.0,hostfwd=tcp::1-:2", "the guest's address in its network would be another"),
    ],
)
def test_what_passt_cannot_do_stays_as_it_is(network: str, why: str) -> None:
    conversion = made(f"-netdev user,id=n,{network}{CARD}")
    assert passed(conversion) == ["-netdev", f"user,id=n,{network}"]
    assert why in notes(conversion)


def test_other_options_of_user_networking_keep_the_network_as_it_is() -> None:
    assert passed(made(f"-netdev user,id=n,tftp=/srv,hostfwd=tcp::1-:2{CARD}"))[0] == "-netdev"


def test_low_ports_may_not_be_opened() -> None:
    assert "port 80: libvirt starts passt without privileges" in notes(made(f"-netdev user,id=n,hostfwd=tcp::80-:80{CARD}"))


@pytest.mark.parametrize("forward", ["tcp:host:1-:2", "tcp::1-:0", "tcp::70000-:2", "tcp:1.2.3.999:1-:2", "22"])
def test_what_qemu_refuses(forward: str) -> None:
    with pytest.raises(qemuxml.CommandLineError, match="hostfwd: "):
        made(f"-netdev user,id=n,hostfwd={forward}{CARD}")


def test_a_wish_that_nobody_can_grant() -> None:
    with pytest.raises(qemuxml.UnsupportedError, match="passt, passthrough, drop"):
        qemuxml.from_native(QEMU, hostfwd="vde")


def test_the_exact_address_of_passt_comes_back() -> None:
    xml = made("-netdev user,id=n,dhcpstart=10.0.2.40,hostfwd=tcp::1000-:2" + CARD).text
    back = qemuxml.from_native(qemuxml.to_native(xml))
    assert "<ip address='10.0.2.40' family='ipv4' prefix='24'/>" in back
