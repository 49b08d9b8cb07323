"""A client for what wrk cannot do: read a whole response, or stream one and count its rooms."""

import http.client
import socket
import time

from processes import Failed


def get(port, path, headers=None, method="GET", body=None):
    """Returns the status, the headers with lower-case names, and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, {"Host": f"127.0.0.1:{port}", **(headers or {})})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, named, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"GET {path}: {error!r}") from error
    finally:
        connection.close()


def wait_until_served(tree, port, path, seconds=60):
    """Returns the seconds until the first 200."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            if get(port, path)[0] == 200:
                return time.perf_counter() - start
        except (OSError, Failed):
            pass
        if not tree.alive():
            raise Failed(f"the server exited at once: {tree.last_words()}")
        time.sleep(0.0002)
    raise Failed(f"the server did not respond: {tree.last_words()}")


def stream(port, path, counts=True):
    """Reads a list as fast as it arrives and returns its rooms (0 unless `counts`), bytes and times in seconds."""
    rooms = size = 0
    first = None
    end = b""
    buffer = bytearray(1 << 20)
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=600) as client:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        client.sendall(request.encode())
        while length := client.recv_into(buffer):
            if first is None:
                first = time.perf_counter() - start
                if not buffer.startswith(b"HTTP/1.1 200 "):
                    raise Failed(f"GET {path}: {bytes(buffer[:200])!r}")
            if counts:
                rooms += buffer.count(b"{", 0, length)
            size += length
            end = (end + buffer[max(0, length - 8):length])[-8:]
    seconds = time.perf_counter() - start
    # The list ends with the array's bracket, followed by the last chunk if the response is chunked.
    if not end.removesuffix(b"\r\n0\r\n\r\n").endswith(b"]"):
        raise Failed(f"GET {path}: the connection broke after {rooms} rooms: {end!r}")
    return {"rooms": rooms, "bytes": size, "seconds": seconds, "first_seconds": first}


def repeat(port, path, number, status, headers=None):
    """Sends the same request `number` times on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for _ in range(number):
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        if answer.status != status:
            raise Failed(f"GET {path}: {answer.status} instead of {status}")
    connection.close()
