"""A stand-in for a desktop's notification server, on a bus of its own: ``python -m tests.gui.notice_server``.

It prints each call as a line of JSON and sends the signals it reads as such lines: ``["ActionInvoked", 1, "default"]``.
"""

from __future__ import annotations

import json
import os
import select
import sys

from jeepney import DBusAddress, HeaderFields, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.Notifications"
PLACE = DBusAddress("/org/freedesktop/Notifications", interface=NAME)
SIGNATURES = {"ActionInvoked": "us", "ActivationToken": "us", "NotificationClosed": "uu"}


def main() -> None:
    bus = open_dbus_connection("SESSION")
    bus.send_and_get_reply(message_bus.RequestName(NAME))
    print(json.dumps(["ready"]), flush=True)
    number = 0
    while True:
        ready, _, _ = select.select([bus.sock, sys.stdin], [], [])
        if sys.stdin in ready:
            if not (lines := os.read(sys.stdin.fileno(), 1 << 16)):
                return
            for name, *body in map(json.loads, lines.splitlines()):
                bus.send(new_signal(PLACE, name, SIGNATURES[name], tuple(body)))
        while bus.sock in ready:
            try:
                message = bus.receive(timeout=0)
            except TimeoutError:
                break
            fields = message.header.fields
            called = fields.get(HeaderFields.member)
            if called in {"Notify", "CloseNotification"}:
                print(json.dumps([called, fields[HeaderFields.signature], *message.body]), flush=True)
                number += called == "Notify"
                answer = ("u", (number,)) if called == "Notify" else (None, ())
                bus.send(new_method_return(message, *answer))


if __name__ == "__main__":
    main()
