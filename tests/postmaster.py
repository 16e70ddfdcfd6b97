"""A mail server that misbehaves on demand."""

import socket
import threading


class Postmaster:
    """An SMTP server that answers as it is told: {"MAIL": "550 No", "." : "hang"}; other commands are welcome."""

    def __init__(self, answers):
        self.answers = answers
        self.letters = []
        self.said = []
        self.closing = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.threads = []
        self.main = threading.Thread(target=self._serve)
        self.main.start()

    def close(self):
        """Listen no more."""
        self.closing.set()
        self.listening.close()
        for thread in [self.main, *self.threads]:
            thread.join(5)

    def _serve(self):
        self.listening.settimeout(0.1)
        while not self.closing.is_set():
            try:
                talk, _ = self.listening.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(talk,))
            self.threads.append(thread)
            thread.start()

    def _talk(self, talk):
        with talk, talk.makefile("rb") as lines:
            talk.settimeout(10)
            try:
                if self._answer(talk, "hello", "220 here"):
                    while self._command(talk, lines):
                        pass
            except OSError:
                return

    def _command(self, talk, lines):
        line = lines.readline().decode()
        if not line:
            return False
        self.said.append(line.strip())
        if line.upper().startswith("DATA"):
            return self._answer(talk, "DATA", "354 go on") and self._letter(talk, lines)
        recipient = line.partition("<")[2].partition(">")[0]
        key = recipient if recipient in self.answers else line.split()[0].upper()
        return self._answer(talk, key, "250 fine")

    def _letter(self, talk, lines):
        if not self.said[-1].upper().startswith("DATA") or self.answers.get("DATA", "354")[:3] != "354":
            return True
        content = b""
        while True:
            if self.answers.get("body") == "drop":
                return False
            line = lines.readline()
            if line in {b".\r\n", b""}:
                break
            content += line[1:] if line.startswith(b".") else line
        if line:
            self.letters.append(content)
        return self._answer(talk, ".", "250 taken")

    def _answer(self, talk, key, usual):
        answer = self.answers.get(key, usual)
        if answer == "hang":
            self.closing.wait(10)
            return False
        if answer == "drop":
            return False
        talk.sendall(f"{answer}\r\n".encode())
        return not answer.startswith("421")
