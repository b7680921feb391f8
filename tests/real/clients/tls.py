"""A TLS listener in front of a plain HTTP server, for clients that speak https only. Bytes pass as they are."""

import pathlib
import socket
import ssl
import subprocess
import threading


def certificate(folder):
    """Makes a certificate for 127.0.0.1 that is its own authority, and gives the files of it and of its key."""
    files = pathlib.Path(folder) / "tls.crt", pathlib.Path(folder) / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0],
                    "-keyout", files[1]], check=True, capture_output=True, umask=0o077)
    return files


def listen(target, files):
    """Listens on a free port and passes every connection on to `target`; gives the address. It ends with the process."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
    threading.Thread(target=accept, args=(listener, target), daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def accept(listener, target):
    """Takes connections, one after the other, until the process ends."""
    while True:
        try:
            inside = listener.accept()[0]
        except ssl.SSLError:
            continue
        outside = socket.create_connection(target)
        for pair in ((inside, outside), (outside, inside)):
            threading.Thread(target=pass_on, args=pair, daemon=True).start()


def pass_on(source, sink):
    """Copies bytes until either side is done."""
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()
