"""POSTing to an address somebody else wrote down, without being led into our own network.

The host is resolved once, every address it has is checked, and the connection goes to exactly the address that
was checked, so a second answer of the DNS changes nothing. TLS checks the certificate against the host's name.
http.client knows neither proxies nor redirects. One watchdog ends the whole exchange, also one that drips.
Sources: OWASP, Server-Side Request Forgery Prevention; IANA special-purpose address registries by `ipaddress`.
"""

import contextlib
import http.client
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 15.0
MOST_OF_ANSWER = 1024
MOST_URL = 500

# Global by the registry, but a way into what is not: IPv4 inside IPv6, and a cloud's own service
WAYS_IN = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "168.63.129.16/32")
]

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotDelivered(Exception):
    """The receiver did not take the message. The reason is shown to its owner; no address of ours in it.

    `refused`: the receiver answered that this very message is wrong (4xx), so the next one may do better.
    """

    def __init__(self, reason: str, *, refused: bool = False):
        super().__init__(reason)
        self.refused = refused


def check_url(url: str) -> str:
    """What is wrong with an address, in words for the form; "" when messages may be sent there now."""
    try:
        _resolve(*_parts(url))
    except NotDelivered as error:
        return str(error)
    return ""


def host_of(url: str) -> str:
    """The host alone: what may stand in records and lists. An address may hold a secret."""
    return urlsplit(url).hostname or ""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """POST once; returns when the answer is 2xx, else raises NotDelivered. At most TOTAL_SECONDS after DNS."""
    secure, host, port = _parts(url)
    address = _resolve(secure, host, port)
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        status = _exchange(secure, host, port, address, path, body, headers)
    except ssl.SSLCertVerificationError:
        raise NotDelivered("对方的安全证书不可信") from None
    except TimeoutError:
        raise NotDelivered("对方没有及时应答") from None
    except ConnectionRefusedError:
        raise NotDelivered("连接被拒绝") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(f"连接中断（{type(error).__name__}）") from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotDelivered(f"对方要转到别的地址（HTTP {status}），不跟随，请登记最终地址")
    raise NotDelivered(
        f"对方答复 HTTP {status}", refused=400 <= status < 500 and status not in (408, 425, 429)
    )


def _exchange(
    secure: bool, host: str, port: int, address: str, path: str, body: bytes, headers: Mapping[str, str]
) -> int:
    """Send and read the status; the body of the answer is looked at no further than MOST_OF_ANSWER."""
    connection = http.client.HTTPConnection(host, port)  # given its socket below, it opens none itself
    late = threading.Event()
    with (
        socket.create_connection((address, port), timeout=CONNECT_SECONDS) as plain,
        # a second handle on the connection: shut down from the watchdog's thread, every wait on it ends
        socket.socket(fileno=os.dup(plain.fileno())) as handle,
    ):
        watchdog = threading.Timer(TOTAL_SECONDS, _cut, [handle, late])
        watchdog.daemon = True
        watchdog.start()
        try:
            plain.settimeout(READ_SECONDS)
            connection.sock = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
            )
            connection.request("POST", path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            answer.read(MOST_OF_ANSWER)
            if late.is_set():  # what was cut in its head may look like an answer
                raise TimeoutError
            return answer.status
        except (OSError, http.client.HTTPException, ValueError):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            watchdog.cancel()
            watchdog.join()  # never cuts a handle that was given to somebody else
            connection.close()


def _cut(handle: socket.socket, late: threading.Event) -> None:
    late.set()
    with contextlib.suppress(OSError):  # closed by the other side already
        handle.shutdown(socket.SHUT_RDWR)


def _parts(url: str) -> tuple[bool, str, int]:
    """(TLS, host, port) of an address that may be used at all, whatever it resolves to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotDelivered("地址写得不对，应像 https://example.cn/notices") from None
    if (
        parts.scheme not in ("https", "http")
        or not host
        or len(url) > MOST_URL
        or not url.isprintable()
        or " " in url
    ):
        raise NotDelivered("地址写得不对，应像 https://example.cn/notices")
    if parts.scheme == "http" and settings.PRODUCTION:
        raise NotDelivered("地址要以 https:// 开头")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotDelivered("地址里不能有用户名、密码或 #")
    if not url.isascii():
        raise NotDelivered("地址里不能有汉字，中文域名请写成 xn-- 开头的形式")
    secure = parts.scheme == "https"
    return secure, host, port or (443 if secure else 80)


def _resolve(secure: bool, host: str, port: int) -> str:
    """The first address of `host`; NotDelivered unless every one of them may be connected to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotDelivered("找不到这个主机名") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(
        _is_allowed(ipaddress.ip_address(text.partition("%")[0])) for text in addresses
    ):
        raise NotDelivered("地址指向内部网络，不能发送。政务内网的地址请管理员先登记网段")
    return addresses[0]


def _is_allowed(address: Address) -> bool:
    """A public address, or one of HUIFENG_WEBHOOK_NETWORKS."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in settings.WEBHOOK_NETWORKS):
        return True
    hidden = any(address in network for network in WAYS_IN)
    return address.is_global and not (address.is_multicast or address.is_reserved or hidden)
