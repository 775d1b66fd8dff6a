"""Whom the guard may dial: the public internet, and nothing that only looks like it."""

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recommender.adapters.company.socket_guard import RefusedAddress, SocketGuard
from services.recommender.core.company.addresses import is_public, may_dial

REFUSED = """
0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.127.127.127 169.254.169.254 169.254.170.2 172.16.0.1
192.0.0.1 192.0.0.9 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.1.1 192.175.48.1 198.18.0.1
198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
:: ::1 ::2 ::127.0.0.1 ::169.254.169.254 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::ffff:10.0.0.1 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe:: 2620:4f:8000::1 3fff::1 4000::1 5f00::1 fc00::1
fd00:ec2::254 fe80::1 fe80::1%lo fec0::1 ff02::1 ff0e::1 2606:4700::1111%eth0 2606:4700::5efe:7f00:1
2606:4700:0:0:200:5efe:a00:1
""".split()  # noqa: SIM905 a table
NO_ADDRESS = ["", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1.", "[::1]", "1.1.1.1 "]
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4003::64", "::ffff:1.1.1.1"]
INNER = st.sampled_from([0x0A000000, 0x7F000000, 0xA9FE0000, 0xC0A80000, 0xE0000000, 0xF0000000])


@pytest.mark.parametrize("address", [*REFUSED, *NO_ADDRESS])
def test_address_behind_the_wall_is_never_dialled(address: str) -> None:
    """Neither a special range in any of its wrappings, nor what is no address in its one spelling."""
    assert not may_dial(address, 80)
    assert not may_dial(address, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_dialled_on_two_ports(address: str) -> None:
    """80 and 443, and no service beside the web's."""
    assert may_dial(address, 80)
    assert may_dial(address, 443)
    assert [port for port in (0, 22, 25, 81, 6379, 8080, 8443, 9200) if may_dial(address, port)] == []


def test_allowed_pair_is_that_pair_alone() -> None:
    """Tests may dial their own server, and nothing beside it."""
    allowed = {("127.0.0.1", 4711)}
    assert may_dial("127.0.0.1", 4711, allowed)
    assert not may_dial("127.0.0.1", 4712, allowed)
    assert not may_dial("127.0.0.2", 4711, allowed)


@given(st.text(max_size=60), st.integers(-1, 70_000))
def test_any_text_has_an_answer(address: str, port: int) -> None:
    """What is no address may not be dialled; nothing is raised."""
    assert may_dial(address, port) in {True, False}


@given(INNER, st.integers(0, 0xFFFF))
def test_wrapping_hides_nothing(base: int, rest: int) -> None:
    """A private IPv4 address in any of the ways IPv6 holds one is refused."""
    inner = base | rest
    wrapped = (
        inner, 0xFFFF << 32 | inner, 0xFFFF << 48 | inner, 0x64FF9B << 96 | inner, 0x64FF9B0001 << 80 | inner,
        0x2002 << 112 | inner << 80, 0x20010000 << 96 | inner ^ 0xFFFFFFFF, 0x26064700 << 96 | 0x5EFE << 32 | inner,
    )  # fmt: skip
    assert not is_public(IPv4Address(inner))
    assert [hex(each) for each in wrapped if is_public(IPv6Address(each))] == []


def test_guard_opens_no_socket_for_a_refused_address() -> None:
    """It counts what it let through and what it did not."""
    guard = SocketGuard()
    with pytest.raises(RefusedAddress):
        guard((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80)))
    with pytest.raises(RefusedAddress):
        guard((socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 443, 0, 0)))
    guard((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443))).close()
    assert (guard.dialled, guard.refused) == (1, 2)
