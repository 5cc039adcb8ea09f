"""Runs a program in a pseudo-terminal and talks to it: for the tests of the interactive terminal.

Reads from standard input {"argv": [...], "steps": [[wait-for-text, keys-to-send], ...], "timeoutSeconds": n}.
A text that begins with "@file:" waits for that file to exist.
Prints {"exitCode": n, "output": "..."}; exitCode is null when a text never came.
"""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

job = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(job["argv"][0], job["argv"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
output, seen, steps = b"", 0, list(job["steps"])
deadline = time.monotonic() + job["timeoutSeconds"]
complete = True
while True:
    if steps and steps[0][0].startswith("@file:"):
        if os.path.exists(steps[0][0][6:]):
            os.write(terminal, steps.pop(0)[1].encode())
            continue
    elif steps:
        at = output.find(steps[0][0].encode(), seen)
        if at >= 0:
            seen = at + len(steps[0][0].encode())
            os.write(terminal, steps.pop(0)[1].encode())
            continue
    ready, _, _ = select.select([terminal], [], [], 0.05)
    if not ready and time.monotonic() < deadline:
        continue
    if not ready:
        complete = False
        os.kill(pid, signal.SIGKILL)
        break
    try:
        data = os.read(terminal, 65536)
    except OSError:  # the other side is closed
        break
    if not data:
        break
    output += data
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status) if complete and not steps else None
print(json.dumps({"exitCode": code, "output": output.decode(errors="replace")}))
