#!/usr/bin/python3
"""A program that uses the session bus, inside a sandbox or outside.

    own NAME               has NAME, and answers its method org.example.Echo.Say
    notify SUMMARY BODY    shows a notification with a button, and prints what comes of it
    flood N                shows N, prints how many were taken
    open URL               has a page opened by the portal, prints the answer
"""
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NOTIFICATIONS = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications")
PORTAL = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
WAIT_MS = 8000

DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
loop = GLib.MainLoop()


def say(*words):
    print(*words, flush=True)


def interface(place, name=None):
    return dbus.Interface(bus.get_object(*place, introspect=False), name or place[0])


class Echo(dbus.service.Object):
    @dbus.service.method("org.example.Echo", in_signature="s", out_signature="s")
    def Say(self, text):
        return f"echo {text}"


def own(name):
    held = dbus.service.BusName(name, bus)
    Echo(bus, "/echo")
    say("owned", held.get_name())
    loop.run()


def send(summary, body, actions=(), hints=None):
    return interface(NOTIFICATIONS).Notify("client", dbus.UInt32(0), "/etc/passwd", summary, body,
                                           dbus.Array(actions, "s"), dbus.Dictionary(hints or {}, "sv"), -1)


def notify(summary, body):
    def heard(number, what, member=None):
        say(member, int(number) - first, what)
        if member == "ActionInvoked":
            interface(NOTIFICATIONS).CloseNotification(number)
        else:
            loop.quit()

    for member in ("ActionInvoked", "NotificationClosed"):
        bus.add_signal_receiver(heard, member, NOTIFICATIONS[0], member_keyword="member")
    first = send(summary, body, ["ok", "All <b>right</b>"],
                 {"urgency": dbus.Byte(2), "image-path": "/etc/passwd", "sound-file": "/etc/passwd",
                  "desktop-entry": "bank", "value": dbus.Int32(7)})
    interface(NOTIFICATIONS).CloseNotification(dbus.UInt32(41))
    loop.run()


def flood(number):
    taken = 0
    for _ in range(int(number)):
        try:
            send("flood", "x")
            taken += 1
        except dbus.DBusException as error:
            last = error.get_dbus_name()
    say("taken", taken, last)


def open_page(url):
    def answered(response, _results):
        say("response", int(response))
        loop.quit()

    path = f"{PORTAL[1]}/request/{bus.get_unique_name()[1:].replace('.', '_')}/mine"
    bus.add_signal_receiver(answered, "Response", "org.freedesktop.portal.Request", path=path)
    try:
        handle = interface(PORTAL, "org.freedesktop.portal.OpenURI").OpenURI(
            "", url, dbus.Dictionary({"handle_token": "mine"}, "sv"))
    except dbus.DBusException as error:
        say(error.get_dbus_name(), error.get_dbus_message())
        return
    say("handle", handle == path)
    loop.run()


GLib.timeout_add(WAIT_MS, loop.quit)
{"own": own, "notify": notify, "flood": flood, "open": open_page}[sys.argv[1]](*sys.argv[2:])
