/**
 * An answer of our own in the place of the model's, as the host's streams give it: the words of a refusal, which everybody who waits for the run reads.
 * A summary that is refused must not be made of them, so that one fails.
 */
import { randomUUID } from "node:crypto"
import { objectOf, stringOf } from "../base/json.ts"

type Message = { readonly responseId: string; readonly [field: string]: unknown }
export type AnswerStream = AsyncIterable<unknown> & { readonly result: () => Promise<Message> }

export function ownAnswer(model: unknown, words: string): AnswerStream {
  const message = messageOf(model, { content: [{ type: "text", text: words }], stopReason: "stop" })
  const begun = { ...message, content: [{ type: "text", text: "" }] }
  return streamOf(message, [
    { type: "start", partial: { ...message, content: [] } },
    { type: "text_start", contentIndex: 0, partial: begun },
    { type: "text_delta", contentIndex: 0, delta: words, partial: message },
    { type: "text_end", contentIndex: 0, content: words, partial: message },
    { type: "done", reason: "stop", message },
  ])
}

export function ownFailure(model: unknown, words: string): AnswerStream {
  const message = messageOf(model, { content: [], stopReason: "error", errorMessage: words })
  return streamOf(message, [{ type: "error", reason: "error", error: message }])
}

function messageOf(model: unknown, more: object): Message {
  const { api, provider, id } = objectOf(model)
  const none = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  const usage = { ...none, totalTokens: 0, cost: { ...none, total: 0 } }
  const responseId = `sovereign-ledger-${randomUUID()}`
  return { role: "assistant", api: stringOf(api), provider: stringOf(provider), model: stringOf(id), usage, timestamp: Date.now(), responseId, ...more }
}

function streamOf(message: Message, events: readonly object[]): AnswerStream {
  return {
    async *[Symbol.asyncIterator]() {
      yield* events
    },
    result: () => Promise.resolve(message),
  }
}
