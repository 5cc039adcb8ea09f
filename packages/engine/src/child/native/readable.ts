// Has something come on a descriptor? Asked without waiting, through poll(2), where the event loop would have to turn for it.
import koffi from "koffi"

const POLLIN = 1

/** Null where there is no poll(2). */
export function createReadable(fd: number): (() => boolean) | null {
  if (process.platform === "win32") return null
  const poll = koffi.load(null).func("int poll(void *fds, unsigned long count, int timeout)")
  // struct pollfd: int fd; short events; short revents
  const request = new Int16Array(4)
  new Int32Array(request.buffer)[0] = fd
  request[2] = POLLIN
  return () => poll(request, 1, 0) > 0
}
