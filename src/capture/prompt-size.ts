/**
 * How large a prompt is as it goes to the model: its own text, the system prompt, and the history as JSON. Session by session the history's length is remembered, so that a turn
 * costs what is new in it. Of one above the threshold the beginnings of both texts are picked. Nothing that goes wrong here disturbs anything else.
 */
import { objectOf } from "../base/json.ts"
import { markOf } from "./history.ts"
import { lengthOf, sizeOfContent } from "./hooks/lengths.ts"
import type { Picked } from "./hook-row.ts"

export const usualLargePrompt = 100_000
const keptLetters = 2_000
/** Of a message that is longer than this, its text alone is counted: pictures are megabytes. */
const mostCountedLetters = 4 * 1024 * 1024
const mostSessions = 1_000

type Known = { readonly count: number; readonly last: string; readonly letters: number }

export class PromptSizes {
  /** Strictly above so many UTF-16 units a prompt is large. */
  threshold = usualLargePrompt
  readonly #bySession = new Map<string, Known>()

  /** What is picked besides of a prompt that is too large; undefined of any other. */
  large(session: string, event: Picked): Picked | undefined {
    try {
      const messages = Array.isArray(event["historyMessages"]) ? (event["historyMessages"] as readonly unknown[]) : []
      const [prompt, system, history] = [lengthOf(event["prompt"]) ?? 0, lengthOf(event["systemPrompt"]) ?? 0, this.#history(session, messages)]
      if (prompt + system + history <= this.threshold) return undefined
      return { history, threshold: this.threshold, system: beginning(event["systemPrompt"]), prompt: beginning(event["prompt"]) }
    } catch {
      return undefined // a host's object that cannot be read
    }
  }

  /** Length of the JSON of all messages. */
  #history(session: string, messages: readonly unknown[]): number {
    const known = this.#bySession.get(session)
    const goesOn = known !== undefined && known.count <= messages.length && (known.count === 0 || markOf(messages[known.count - 1]) === known.last)
    let letters = goesOn ? known.letters : 0
    for (const message of messages.slice(goesOn ? known.count : 0)) letters += lettersOf(message)
    this.#bySession.delete(session)
    this.#bySession.set(session, { count: messages.length, last: markOf(messages.at(-1)), letters })
    const [longestSilent] = this.#bySession.keys()
    if (this.#bySession.size > mostSessions && longestSilent !== undefined) this.#bySession.delete(longestSilent)
    return letters + Math.max(0, messages.length - 1) + 2 // commas and brackets
  }
}

function lettersOf(message: unknown): number {
  const { length } = sizeOfContent(objectOf(message)["content"])
  if (length > mostCountedLetters) return length
  try {
    return JSON.stringify(message)?.length ?? 4
  } catch {
    return length // no JSON: a circle, a bigint
  }
}

function beginning(text: unknown): string | undefined {
  return typeof text === "string" ? text.slice(0, keptLetters).toWellFormed() : undefined
}
