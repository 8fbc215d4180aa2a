"""A mail server of twenty years ago, as far as a probe looks: SMTP with STARTTLS, and TLS that ends with version 1.0.

Arguments: address, port, certificate, key. Says "ready" once it listens.
"""

import socket
import sys
import threading

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey

PATIENCE = 10


def settings():
    wanted = HandshakeSettings()
    wanted.minVersion, wanted.maxVersion, wanted.versions = (3, 0), (3, 1), [(3, 1), (3, 0)]
    wanted.cipherNames = ["aes256", "aes128", "3des", "rc4"]
    wanted.macNames = ["sha", "md5"]
    # SSL 3.0 has no extensions.
    wanted.useExtendedMasterSecret = wanted.requireExtendedMasterSecret = False
    return wanted.validate()


def talk(receive, send, keywords):
    """Until the client leaves, or wants TLS: then true."""
    pending = b""
    while True:
        while b"\n" not in pending:
            more = receive()
            if not more:
                return False
            pending += bytes(more)
        line, pending = pending.split(b"\n", 1)
        verb = line.strip().upper().split(b" ")[0]
        if verb == b"EHLO":
            send(b"250-old.example.test\r\n250 " + keywords + b"\r\n")
        elif verb == b"STARTTLS" and keywords == b"STARTTLS":
            send(b"220 go ahead\r\n")
            return True
        elif verb == b"QUIT":
            send(b"221 goodbye\r\n")
            return False
        else:
            send(b"502 not here\r\n")


def serve(client, chain, key, wanted):
    client.settimeout(PATIENCE)
    try:
        client.sendall(b"220 old.example.test ESMTP\r\n")
        if talk(lambda: client.recv(4096), client.sendall, b"STARTTLS"):
            session = TLSConnection(client)
            session.handshakeServer(certChain=chain, privateKey=key, settings=wanted)
            talk(lambda: session.read(max=4096, min=1), session.write, b"AUTH PLAIN LOGIN")
    except Exception as error:  # pylint: disable=broad-except
        # Most clients of a scan leave in the middle of a handshake.
        print(repr(error), file=sys.stderr)
    finally:
        client.close()


def main():
    address, port, certificate, key = sys.argv[1:]
    chain = X509CertChain()
    with open(certificate, encoding="ascii") as file:
        chain.parsePemList(file.read())
    with open(key, encoding="ascii") as file:
        private = parsePEMKey(file.read(), private=True)
    wanted = settings()
    with socket.create_server((address, int(port)), backlog=100) as listener:
        print("ready", flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client, chain, private, wanted), daemon=True).start()


main()
