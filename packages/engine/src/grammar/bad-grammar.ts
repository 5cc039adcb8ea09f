// The one way in which this folder refuses.
import { AppError } from "@fireside/protocol"

/** `where` is a JSON pointer into the schema, or the name of a rule. */
export const badGrammar = (message: string, where?: string): AppError =>
  new AppError("bad-grammar", {
    message:
      where === undefined
        ? message
        : `${message.replace(/\.$/, "")} (at ${where === "" ? "the root" : where}).`,
    hint: "Change the schema or grammar, or ask for plain text and check the answer yourself.",
    ...(where === undefined ? {} : { details: { where } }),
  })
