"""Where messages may not go, and what the other end may do to us."""

import socket
import time
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from checkin.sync import network
from checkin.sync.network import NotDelivered, check_url, post
from tests.checkin.sync import receiver as receivers
from tests.checkin.sync.receiver import Receiver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0",  # noqa: S104 -- refused, not bound
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.100.100.200", "168.63.129.16", "224.0.0.1", "255.255.255.255", "240.0.0.1", "[::1]", "[::]",
        "[fe80::1]", "[fc00::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "localhost", "0x7f000001", "2130706433", "127.1", "017700000001",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused(address: str) -> None:
    assert "内部网络" in check_url(f"https://{address}/hook")


@pytest.mark.parametrize(
    "url",
    [
        "", "example.cn", "ftp://example.cn/", "https://", "https://user:pass@1.1.1.1/", "https://1.1.1.1/#x",
        "https://1.1.1.1:99999/", "https://1.1.1.1/a b", "https://1.1.1.1/\r\nHost: x", "file:///etc/passwd",
        "https://惠风.example/", "https://[::1/", "https://1.1.1.1/" + "a" * 500,
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert check_url(url)


def test_a_public_address_is_taken() -> None:
    assert check_url("https://1.1.1.1/hook?key=1") == ""
    assert check_url("https://[2606:4700:4700::1111]/") == ""


def test_an_unknown_host_is_refused_in_words() -> None:
    assert "主机名" in check_url("https://nobody.invalid/")


def test_production_wants_tls(settings: Settings) -> None:
    settings.PRODUCTION = True

    assert "https://" in check_url("http://1.1.1.1/")


def test_a_network_the_operator_names_is_let_in(receiver: Receiver) -> None:
    assert check_url(receiver.url) == ""
    assert check_url("http://10.0.0.1/")


def test_a_host_with_one_inside_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*args: Any, **kwargs: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", answers)

    assert "内部网络" in check_url("https://two-faced.example/")


def test_the_connection_goes_to_the_address_that_was_checked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS that answers well the first time and ill the second is asked once."""
    port = int(receiver.url.split(":")[2].split("/")[0])
    asked: list[str] = []

    def rebinding(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host != "rebind.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        return [
            (
                socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                ("127.0.0.1" if len(asked) == 1 else "10.9.9.9", port),
            )
        ]

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    post(f"http://rebind.example:{port}/x", b"{}", {"Webhook-Id": "a"})

    assert asked == ["rebind.example"]
    assert receiver.got[0].headers["host"] == f"rebind.example:{port}"


def test_no_proxy_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")

    post(receiver.url, b"{}", {})

    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_yes(receiver: Receiver, status: int) -> None:
    receiver.answers(status)

    post(receiver.url, b"{}", {})

    assert len(receiver.got) == 1


REFUSED, FAILING = (400, 404, 410, 422), (301, 307, 408, 425, 429, 500, 503)


@pytest.mark.parametrize(
    ("status", "refused"), [*((code, True) for code in REFUSED), *((code, False) for code in FAILING)]
)
def test_any_other_answer_is_a_no(receiver: Receiver, status: int, refused: bool) -> None:
    receiver.answers(status)

    with pytest.raises(NotDelivered) as no:
        post(receiver.url, b"{}", {})

    assert (no.value.refused, len(receiver.got)) == (refused, 1)
    assert str(status) in str(no.value)


@pytest.mark.parametrize("behaviour", [receivers.hang_up, receivers.babble])
def test_an_end_without_an_answer_is_a_no(receiver: Receiver, behaviour: Any) -> None:
    receiver.answer = behaviour

    with pytest.raises(NotDelivered) as no:
        post(receiver.url, b"{}", {})

    assert not no.value.refused


def test_a_long_answer_is_not_read(receiver: Receiver) -> None:
    receiver.answer = receivers.flood

    post(receiver.url, b"{}", {})

    assert len(receiver.got) == 1


@pytest.mark.parametrize("behaviour", [receivers.hang(3), receivers.drip])
def test_the_whole_exchange_ends_in_time(
    receiver: Receiver, behaviour: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "TOTAL_SECONDS", 0.4)
    receiver.answer = behaviour
    began = time.monotonic()

    with pytest.raises(NotDelivered, match="没有及时应答"):
        post(receiver.url, b"{}", {})

    assert time.monotonic() - began < 2


def test_nobody_there_is_a_no(receiver: Receiver) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with pytest.raises(NotDelivered, match="拒绝"):
        post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert receiver.got == []


def test_tls_asks_for_a_certificate_of_the_host(receiver: Receiver) -> None:
    """A receiver that speaks no TLS on the port; nothing is sent in the clear."""
    with pytest.raises(NotDelivered):
        post(receiver.url.replace("http://", "https://"), b"{}", {})

    assert receiver.got == []
