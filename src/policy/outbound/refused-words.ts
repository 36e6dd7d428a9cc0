/** Why a message did not leave, for logs and for who asks. Nothing of it goes to the recipient. */
import type { RefusedWhy } from "./events.ts"

const words: { readonly [W in RefusedWhy]: string } = {
  "not-armed": "nobody who may has asked for it",
  expired: "what was allowed is used up or over",
  missed: "what was asked for it was asked too long ago",
  duplicate: "the same words went there a moment ago",
  action: "only plain messages are judged when they leave",
}

export function refusedWords(why: RefusedWhy): string {
  return words[why]
}
