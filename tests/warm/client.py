"""The command where a shell starts it: hands all that it has over to the server, and ends as what runs there ends.

python -IS tests/warm/client.py SOCKET ARGUMENT...

Asked for in `tests.warm.command`. Not handed over are SIGKILL, what signals are ignored, who its parents are, and other
limits than that of the size of files.

It is started for each command of a shell: with `socket` and `json`, which are written in Python, it would take twice as
long as Python itself.
"""

import _signal as signal
import _socket as socket
import marshal
import os
import resource
import sys


def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


# Before there are others that take the numbers of closed ones.
streams = [descriptor for descriptor in range(3) if is_open(descriptor)]
asks = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asks.connect(sys.argv[1])
status, says = os.pipe()
request = {
    "arguments": sys.argv[2:],
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "own_session": os.getsid(0) == os.getpid(),
    "warnings": sys.warnoptions,
    "streams": streams,
    "room": resource.getrlimit(resource.RLIMIT_FSIZE),
}
descriptors = b"".join(each.to_bytes(4, sys.byteorder) for each in (*streams, says))
asks.sendmsg([marshal.dumps(request)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
os.close(says)
child = int(asks.recv(100))
asks.close()


def pass_on(number, _):
    try:
        os.kill(child, number)
    except ProcessLookupError:
        return  # It has ended in this moment.


for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, pass_on)
for descriptor in streams:
    # Who reads what the command writes waits until nobody has it.
    os.close(descriptor)
code = int(os.read(status, 20) or -signal.SIGKILL)
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
