"""Asks a server: ask.py KIND ADDRESS PORT. What to send is stdin (nothing: it speaks first); what it answers is stdout."""
import socket
import sys

kind, address, port = sys.argv[1:4]
question = sys.stdin.buffer.read()
if kind == "unix":
    peer, target = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), address
else:
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    target = (address, int(port))
peer.settimeout(3)
peer.connect(target)
if question:
    peer.sendall(question)
answer = peer.recv(65536)
# The rest of an answer that is sent in parts; most servers then wait for the next question.
peer.settimeout(0.2)
try:
    while more := peer.recv(65536):
        answer += more
except TimeoutError:
    pass
sys.stdout.buffer.write(answer)
