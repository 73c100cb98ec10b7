"""Sockets of every kind."""

from tests.repl.escape.attempt import REFUSED, Attempt, prints, says

_FAMILIES = {
    "netlink": (16, 3), "packet": (17, 3), "vsock": (40, 1), "bluetooth": (31, 3), "alg": (38, 5),
    "xdp": (44, 3), "can": (29, 3), "qipcrtr": (42, 2), "rds": (21, 5), "smc": (43, 1), "raw internet": (2, 3),
    "key": (15, 3), "unspecified": (0, 1),
}  # fmt: skip
_CODES = {
    "TCP": "socket.create_connection(('127.0.0.1', $tcp), 5)",
    "TCP over IPv6": "socket.socket(socket.AF_INET6).connect(('::1', $tcp))",
    "TCP by fast open": "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', $tcp))",
    "a server": "socket.create_server(('127.0.0.1', 0))",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', $udp))",
    "multicast": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('224.0.0.1', $udp))",
    "HTTP": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:%d/' % $tcp, timeout=5)",
    "asyncio": "import asyncio; await asyncio.open_connection('127.0.0.1', $tcp)",
    "a unix socket": "socket.socket(socket.AF_UNIX).connect($stream)",
    "a unix datagram": "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', $datagrams)",
    "an abstract socket": "socket.socket(socket.AF_UNIX).connect($abstract)",
    "a unix server": "socket.socket(socket.AF_UNIX).bind('mine')",
    "a pair of datagram sockets sent elsewhere": "import _socket; a, b = _socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.sendto(b'x', $datagrams)",
    "a pair of packet sockets": "import _socket; _socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)",
    "a pair of stream sockets": "import _socket; _socket.socketpair()",
    "a pair of internet sockets": "import _socket; _socket.socketpair(socket.AF_INET)",
    "the control socket connected anew": "for fd in range(3, 64):\n"
    "    try: s = socket.socket(fileno=os.dup(fd))\n    except OSError: continue\n    s.connect($stream)\n",
    "the log": "import syslog; syslog.openlog('x', 0, 0); socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect('/dev/log')",
    "remote calls": "import xmlrpc.client; xmlrpc.client.ServerProxy('http://127.0.0.1:%d' % $tcp).x()",
    "mail": "import smtplib; smtplib.SMTP('127.0.0.1', $tcp, timeout=5)",
    "multiprocessing's own": "from multiprocessing.connection import Client; Client($abstract)",
    **{f"{name} sockets": f"socket.socket({family}, {kind})" for name, (family, kind) in _FAMILIES.items()},
}

ATTEMPTS = [
    *(
        Attempt(what, f"import os, socket\n{code}", REFUSED + "|" + says("not permitted"))
        for what, code in _CODES.items()
    ),
    Attempt(
        "DNS", "import socket\nsocket.getaddrinfo('example.com', 80)", says("gaierror", "PermissionError")
    ),
    Attempt(
        "DNS of the oldest kind",
        "import socket\nsocket.gethostbyname('localhost.example')",
        says("gaierror", "PermissionError"),
    ),
    Attempt(
        "a pipe in place of a pair of sockets, which asyncio needs",
        "import socket\na, b = socket.socketpair()\nb.send(b'x'), a.recv(1), hasattr(b, 'sendmsg')",
        prints("(1, b'x', False)"),
    ),
]
