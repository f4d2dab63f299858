"""An attack: a row of the tables beside this file, tried outside first and then inside.

Each carries a mark of its own to wherever it leads: in a path, a label of a name, a datagram. What the servers of the
world have logged of that mark is the answer, and never what the client saw.
"""
import collections

# id      unique; its beginning names the entry of the threat catalogue
# text    what is tried
# how     how(mark) tries it; what it returns or raises is told to people, and judged only for REFUSED
# at      where the mark must not come, as in seen.py; "any": to no server at all
# answer  UNSEEN, SEEN (honest work that looks like an attack) or REFUSED (nothing to see: it raises one of `errors`)
# control "same": tried outside as well, where it must be seen; else why it cannot be
Attack = collections.namedtuple("Attack", "id text how at answer control errors",
                                defaults=("any", "unseen", "same", ()))
UNSEEN, SEEN, REFUSED = "unseen", "seen", "refused"


def mark_of(run, attack):
    """It is a label of a name too, and no mark is the beginning of another."""
    return f"{run}-{attack.id.lower()}-z"
