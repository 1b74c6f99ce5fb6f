"""Asks the service in this container whether it can serve: exit status 0 if so. Runs every few seconds, so it imports little."""

import socket
import sys

with socket.create_connection(("127.0.0.1", 8000), timeout=3) as service:
    service.sendall(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
    answer = b"".join(iter(lambda: service.recv(4096), b""))

sys.stdout.buffer.write(answer.partition(b"\r\n\r\n")[2])  # names what is missing; docker inspect shows it
sys.exit(0 if answer.split(b" ", 2)[1:2] == [b"200"] else 1)
