// What a client may know of an error. The text of a mistake of ours may hold paths or worse: it goes into the log, and the client learns that
// it is there.
import type { Log } from "@fireside/host"
import { type ErrorBody, toErrorBody } from "@fireside/protocol"

/** Of whatever was thrown, before an answer or in the middle of one. A mistake of ours is logged with its stack; `log` names the request. */
export function publicError(error: unknown, log: Log): ErrorBody {
  const body = toErrorBody(error)
  if (body.code !== "internal") return body
  log.error("a request failed by a mistake of ours", { error })
  return { code: "internal", message: "The server made a mistake; its log has the details." }
}
