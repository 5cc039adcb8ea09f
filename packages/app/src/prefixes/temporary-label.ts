/**
 * What the computed prefix of a chat that leaves nothing is labelled with. Labels of conversations are their ids, which have no colon; the
 * owner is in it, lest one caller ends another's chat.
 */
export function temporaryLabel(id: string, owner: string): string {
  return `temporary:${owner}:${id}`
}
