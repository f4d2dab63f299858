"""What this machine and the caller are, and names that it may lack."""

import os
import socket


def is_root():
    return os.geteuid() == 0


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


def own_address():
    """The address by which others reach this host; None if it has only loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = sock.getsockname()[0]
    return None if address.startswith("127.") else address


class Missing(dict):
    def __missing__(self, key):
        return "{" + key + "}"
