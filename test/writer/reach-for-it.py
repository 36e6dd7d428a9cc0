"""What a user can reach of a writer that is another's, tried one by one. Prints one JSON object: the name of each try, and "done" or the name of its error.

    reach-for-it.py PID SHARED-SOCKET DATA-DIRECTORY KEY-FILE
"""
import ctypes
import errno
import json
import os
import signal
import socket
import sys

pid, shared, data, key = int(sys.argv[1]), *sys.argv[2:5]


def read(path):
    with open(path, "rb") as file:
        file.read(1)


def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def replace(path):
    """A socket of one's own in the place of the writer's."""
    own = f"/run/anybody/own-{os.getpid()}.sock"  # of the same file system, or a rename would fail for another reason
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(own)
        try:
            os.rename(own, path)
        finally:
            if os.path.exists(own):
                os.unlink(own)


def trace():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, None, None) != 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(pid, 0)


def write(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


tries = {
    **{f"read {name}": (read, f"{data}/{name}") for name in ["keys.json", "journal.db", "scopes.db"]},
    "read the note": (read, f"{os.path.dirname(data)}/sovereign-ledger.head.note"),
    "read the key": (read, key),
    "list the data": (os.listdir, data),
    "list the keys": (os.listdir, os.path.dirname(key)),
    **{f"read {name}": (read, f"/proc/{pid}/{name}") for name in ["environ", "mem"]},
    "list its files": (os.listdir, f"/proc/{pid}/fd"),
    "trace it": (trace,),
    "open its inspector": (os.kill, pid, signal.SIGUSR1),
    "kill it": (os.kill, pid, signal.SIGKILL),
    "write a key": (write, key),
    "write beside the socket": (write, f"{os.path.dirname(shared)}/x"),
    "remove the socket": (os.unlink, shared),
    "replace the socket": (replace, shared),
    "change the socket": (os.chmod, shared, 0o777),
    "connect to its own socket": (connect, f"{data}/writer.sock"),
    "connect": (connect, shared),
}
found = {}
for name, (attempt, *values) in tries.items():
    try:
        attempt(*values)
        found[name] = "done"
    except OSError as error:
        found[name] = errno.errorcode.get(error.errno, str(error))
print(json.dumps(found))
