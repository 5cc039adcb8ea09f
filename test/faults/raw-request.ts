// Requests as bytes, for what no client library would send.
import { once } from "node:events"
import { connect } from "node:net"

export const CHAT = JSON.stringify({ model: "echo", messages: [{ role: "user", content: "hi" }] })

/** Bytes on a socket, and everything that came back until the other side closed or said a whole answer. */
export async function send(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  await once(socket, "connect")
  socket.write(bytes)
  let answer = ""
  for await (const chunk of socket.setEncoding("utf8")) {
    answer += chunk
    const head = answer.indexOf("\r\n\r\n")
    const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? Number.NaN)
    if (head >= 0 && Buffer.byteLength(answer) >= head + 4 + length) break
  }
  socket.destroy()
  return answer
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)

export interface Asked {
  readonly method?: string
  readonly path?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** A request as text; what `headers` has is not added. */
export const requestOf = (
  port: number,
  { method = "POST", path = "/v1/chat/completions", headers = [], body = CHAT }: Asked = {},
): string =>
  [
    `${method} ${path} HTTP/1.1`,
    ...(headers.some((line) => /^host:/i.test(line)) ? [] : [`Host: localhost:${port}`]),
    ...(headers.some((line) => /^content-type:/i.test(line)) ? [] : ["Content-Type: application/json"]),
    ...(headers.some((line) => /^(content-length|transfer-encoding):/i.test(line))
      ? []
      : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...headers,
    "",
    body,
  ].join("\r\n")
