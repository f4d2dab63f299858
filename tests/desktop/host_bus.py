#!/usr/bin/python3
"""Services of a host's session bus that do nothing but write down who calls them.

    host_bus.py LOG

One JSON object a line of LOG: name, member, path, args. Notifications get numbers, and one whose summary begins
with a word of REACTIONS is answered as a user would: clicked or closed.
"""
import json
import sys

import dbus
import dbus.lowlevel
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NAMES = [
    "org.freedesktop.Notifications",
    "org.freedesktop.systemd1",
    "org.freedesktop.portal.Desktop",
    "org.freedesktop.portal.Flatpak",
    "org.freedesktop.Flatpak",
    "org.freedesktop.login1",
    "org.example.Host",
]
NOTIFICATIONS = "org.freedesktop.Notifications"
REACTIONS = {"Open a page of yes.example": "open", "Open a page of no.example": "refuse", "[": None}


def emit(bus, member, signature, *args):
    signal = dbus.lowlevel.SignalMessage("/org/freedesktop/Notifications", NOTIFICATIONS, member)
    signal.append(*args, signature=signature)
    bus.send_message(signal)
    return False


class Host:
    def __init__(self, log):
        self.log = open(log, "a", buffering=1)
        self.bus = dbus.SessionBus()
        self.last = 40
        for name in NAMES:
            self.bus.request_name(name)
        self.bus.add_message_filter(self.called)

    def called(self, bus, message):
        if not isinstance(message, dbus.lowlevel.MethodCallMessage) or message.get_path() == "/org/freedesktop/DBus":
            return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED
        args = message.get_args_list()
        self.log.write(json.dumps({
            "name": message.get_destination(), "path": message.get_path(),
            "member": f"{message.get_interface()}.{message.get_member()}", "args": args}, default=str) + "\n")
        self.answer(bus, message, args)
        return dbus.lowlevel.HANDLER_RESULT_HANDLED

    def answer(self, bus, message, args):
        reply = dbus.lowlevel.MethodReturnMessage(message)
        if message.get_member() == "Notify":
            self.last = int(args[1]) or self.last + 1
            reply.append(self.last, signature="u")
            for begin, action in REACTIONS.items():
                if args[3].startswith(begin) and (action or args[5]):
                    GLib.timeout_add(100, emit, bus, "ActionInvoked", "us", self.last, action or args[5][0])
        elif message.get_member() == "GetCapabilities":
            reply.append(["body", "body-markup", "actions"], signature="as")
        elif message.get_member() == "CloseNotification":
            emit(bus, "NotificationClosed", "uu", args[0], 3)
        elif message.get_signature() != "":
            reply.append("/org/example/done", signature="o")
        if not message.get_no_reply():
            bus.send_message(reply)


DBusGMainLoop(set_as_default=True)
host = Host(sys.argv[1])
print("ready", flush=True)
GLib.MainLoop().run()
