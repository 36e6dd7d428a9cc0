/**
 * A run is stopped in the middle, and the person who waits for it reads why: as the run's own text where somebody watches it, and over the way of the message
 * that is being answered, in the place of the words the host has for a run that gave no answer.
 */
import { stringOf } from "../base/json.ts"
import type { Harness } from "./harness.ts"
import type { ReplyWay, ReplyWays } from "./reply-ways.ts"

type Fields = Readonly<Record<string, unknown>>
type Telling = { readonly harness: Harness | undefined; readonly ways: ReplyWays; readonly event: Fields; readonly ctx: Fields; readonly words: string }

/** Tells it around the stop, and answers whether it was stopped. Nothing that goes wrong in the telling keeps it from being stopped. */
export function tellWhy({ harness, ways, event, ctx, words }: Telling, stop: () => boolean): boolean {
  const [runId, sessionKey] = [stringOf(ctx["runId"]) ?? stringOf(event["runId"]), stringOf(ctx["sessionKey"]) ?? stringOf(event["sessionKey"])]
  const place = sessionKey === undefined ? {} : { sessionKey }
  if (runId !== undefined) quietly(() => harness?.emitAgentEvent?.({ runId, ...place, stream: "assistant", data: { text: words, delta: words } }))
  const stopped = stop()
  if (stopped) quietly(() => ways.take(sessionKey, Date.now())?.sendFinalReply({ text: words }))
  return stopped
}

/** A word beside the answer, where the host has a way to whoever waits for it. Web chats show it under the answer, channels as a message before it. */
export function tellBeside(way: ReplyWay | undefined, text: string): void {
  quietly(() => way?.sendFinalReply({ text, isStatusNotice: true }))
}

function quietly(tell: () => unknown): void {
  try {
    const told = tell()
    if (told instanceof Promise) told.catch(() => {})
  } catch {
    // The host's own words go out instead.
  }
}
