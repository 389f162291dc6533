"""The command where a shell starts it: hands all that it has over to the server, and ends as what runs there ends.

python -IS tests/warm/client.py SOCKET ARGUMENT...

Asked for in `tests.warm.command`. Not handed over are limits, closed descriptors, SIGKILL, and who its parents are.

It is started for each command of a shell: with `socket` and `json`, which are written in Python, it would take twice as
long as Python itself.
"""

import _signal as signal
import _socket as socket
import marshal
import os
import sys

asks = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asks.connect(sys.argv[1])
status, says = os.pipe()
request = {
    "arguments": sys.argv[2:],
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "own_session": False,
    "warnings": sys.warnoptions,
}
descriptors = b"".join(each.to_bytes(4, sys.byteorder) for each in (0, 1, 2, says))
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
for descriptor in range(3):
    # Who reads what the command writes waits until nobody has it.
    os.close(descriptor)
code = int(os.read(status, 20) or -signal.SIGKILL)
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
