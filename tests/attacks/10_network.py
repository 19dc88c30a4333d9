# %% the internet + honest
import socket

for way in (
    lambda: socket.create_connection(("1.1.1.1", 53), timeout=0.5),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53)),
    lambda: __import__("urllib.request").request.urlopen("http://example.org", timeout=0.5),
):
    try:
        way()
    except OSError:
        continue
    raise AssertionError("there is a network")
# %% the host's own ports + honest
import socket

for port in (22, 80, 8786, 8888, 6379):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2)
    except OSError:
        continue
    raise AssertionError("the host answers")
# %% local sockets, named and abstract + honest
import socket

for address in ("/run/docker.sock", "/tmp/.X11-unix/X0", "\0actlab-canary"):
    try:
        socket.socket(socket.AF_UNIX).connect(address)
    except OSError:
        continue
    raise AssertionError("a socket answers")
# %% a server of its own + honest
import socket

try:
    socket.socket().bind(("0.0.0.0", 8000))
except OSError:
    pass
else:
    raise AssertionError("it can listen")
# %% a pair of sockets + honest
import socket

try:
    socket.socketpair()
except OSError:
    pass
else:
    raise AssertionError("there are sockets")
