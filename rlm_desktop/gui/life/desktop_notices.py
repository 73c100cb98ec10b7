"""Notifications of a Linux desktop, by the interface all of them have: ``org.freedesktop.Notifications`` on D-Bus.

QtDBus cannot send them from Python: it makes every number an INT32, and ``Notify`` takes a UINT32
(https://specifications.freedesktop.org/notification-spec/latest/protocol.html), which servers insist on.
"""

from __future__ import annotations

from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_method_call  # type: ignore[import-untyped]
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]
from PySide6.QtCore import QObject, QSocketNotifier, Signal

_NAME = "org.freedesktop.Notifications"
_PLACE = DBusAddress("/org/freedesktop/Notifications", bus_name=_NAME, interface=_NAME)
_ANSWER_SECONDS = 0.5
"""How long a bus that is busy may keep the window waiting while it is greeted; it takes about a millisecond."""


class DesktopNotices(QObject):
    """Shows notifications and hears what becomes of them.

    Signals:
        clicked: The person wants to see what one is about; with a token that lets the window come to the front
            under Wayland, or an empty text, and what that is.
        gone: None of them is there any more, or none could be shown.
    """

    clicked = Signal(str, str)
    gone = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus: DBusConnection | None = None
        self._notifier: QSocketNotifier | None = None
        self._asked: dict[int, str] = {}
        self._there: dict[int, str] = {}
        self._token = ""

    def show(self, title: str, text: str, button: str, about: str = "") -> bool:
        """Show a notification.

        Args:
            title: Plain text.
            text: May be taken for markup, and so has no ``<`` and ``&``.
            button: What a click on it does.
            about: What it is about, for `clicked`.

        Returns:
            Whether there is a desktop to show it; not whether it does.
        """
        try:
            bus = self._bus or self._connect()
            fields = ("RLM Desktop", 0, "rlm-desktop", title, text, ["default", button])
            hints = {"desktop-entry": ("s", "rlm-desktop"), "category": ("s", "transfer.complete")}
            serial = self._call(bus, "Notify", "susssasa{sv}i", (*fields, hints, -1))
        except (
            OSError,
            KeyError,
            RuntimeError,
            ValueError,
        ):  # no bus, none we may use, or one with no address
            self._lose()
            return False
        self._asked[serial] = about
        return True

    def withdraw(self) -> None:
        """Take back what is shown: the person has come by themselves."""
        there, self._there = self._there, {}
        try:
            for number in there:
                if self._bus is not None:
                    self._call(self._bus, "CloseNotification", "u", (number,))
        except OSError:
            self._lose()

    def close(self) -> None:
        """Leave the bus."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
        if self._bus is not None:
            self._bus.close()
        self._bus = self._notifier = None
        self._asked, self._there = {}, {}

    def _connect(self) -> DBusConnection:
        bus = self._bus = open_dbus_connection("SESSION", auth_timeout=_ANSWER_SECONDS)
        bus.sock.settimeout(_ANSWER_SECONDS)
        signals = MatchRule(type="signal", interface=_NAME, path=_PLACE.object_path)
        owner = MatchRule(
            type="signal",
            sender=message_bus.bus_name,
            interface=message_bus.interface,
            member="NameOwnerChanged",
        )
        owner.add_arg_condition(0, _NAME)
        for rule in (signals, owner):
            bus.send(message_bus.AddMatch(rule))
        self._notifier = QSocketNotifier(bus.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        return bus

    @staticmethod
    def _call(bus: DBusConnection, method: str, signature: str, body: tuple[Any, ...]) -> int:
        serial = next(bus.outgoing_serial)
        bus.send(new_method_call(_PLACE, method, signature, body), serial=serial)
        return int(serial)

    def _read(self) -> None:
        while self._bus is not None:
            try:
                message = self._bus.receive(timeout=0)
            except TimeoutError:
                return
            except (OSError, ValueError):  # the session ends, or somebody speaks something else
                self._lose()
                return
            self._take(message)

    def _take(self, message: Message) -> None:
        fields = message.header.fields
        serial = fields.get(HeaderFields.reply_serial)
        match message.header.message_type, fields.get(HeaderFields.member), message.body:
            case MessageType.method_return, _, (int(number), *_) if serial in self._asked:
                self._there[number] = self._asked.pop(serial)
            case MessageType.error, _, _ if serial in self._asked:
                del self._asked[serial]
                self._look_around()
            case MessageType.signal, "ActivationToken", (int(number), str(token)) if number in self._there:
                self._token = token
            case MessageType.signal, "ActionInvoked", (int(number), str()) if number in self._there:
                token, self._token = self._token, ""
                self.clicked.emit(token, self._there[number])
            case MessageType.signal, "NotificationClosed", (int(number), *_) if number in self._there:
                del self._there[number]
                self._look_around()
            case MessageType.signal, "NameOwnerChanged", (str(name), str(), "") if name == _NAME:
                self._there.clear()
                self._look_around()

    def _look_around(self) -> None:
        if not self._asked and not self._there:
            self.gone.emit()

    def _lose(self) -> None:
        expected = bool(self._asked or self._there)
        self.close()
        if expected:
            self.gone.emit()
