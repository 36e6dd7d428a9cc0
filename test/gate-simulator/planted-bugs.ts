/** Mistakes of an outbound gate, each of which lets something leave that should not, or keeps what should leave. */
import type { PlantedBug } from "../simulator/planted-bug.ts"

const decide = "src/policy/outbound/decide.ts"
const evolve = "src/policy/outbound/evolve.ts"
const book = "src/operations/outbound/outbound-book.ts"
const door = "src/host/outbound-door.ts"

export const plantedBugs: readonly PlantedBug[] = [
  { name: "a use is not spent", file: decide, from: "usesLeft: uses - 1", to: "usesLeft: uses" },
  { name: "an arm is open a moment too long", file: decide, from: "uses > 0 && atMs < expiresAtMs", to: "uses > 0 && atMs <= expiresAtMs + 15_000" },
  { name: "a redelivered message arms again", file: decide, from: "state.seen.has(message)", to: "false" },
  { name: "a message of one conversation takes the place of another's", file: book, from: "${channel}:${counted}:${message}", to: "${channel}:${message}" },
  { name: "an emoji is a body", file: decide, from: "!saysSomething(body)", to: "body === ''" },
  {
    name: "a new request adds to the one before",
    file: evolve,
    from: "state.arms.set(conversation, { uses: facts.uses, expiresAtMs: facts.expiresAtMs, request: facts.request })",
    to: "state.arms.set(conversation, { uses: facts.uses + (state.arms.get(conversation)?.uses ?? 0), expiresAtMs: facts.expiresAtMs, request: facts.request })",
  },
  { name: "what was answered is answered late once more", file: evolve, from: 'setStatus(state, conversation, request, "responded")', to: "void request" },
  { name: "what was missed is answered all the same", file: decide, from: "ageMs < 0 || ageMs > rule.missedResponseTtlMs", to: "false" },
  { name: "a clock that was put back makes an old request young", file: decide, from: "ageMs < 0 || ageMs", to: "ageMs" },
  {
    name: "an operator's silence is broken by a late answer",
    file: evolve,
    from: 'setStatus(state, conversation, state.requests.get(conversation)?.id, "missed")',
    to: "void state",
  },
  { name: "the same words leave twice", file: decide, from: 'sent.outcome !== "failed"', to: 'sent.outcome === "sent"' },
  { name: "what failed is not tried again", file: decide, from: 'sent.outcome !== "failed" && ', to: "" },
  {
    name: "a question that is asked again spends another use",
    file: book,
    from: "if (this.#sent(channel, peer).some((send) => send.id === id))",
    to: "if (this.#sent(channel, peer).some((send) => send.id === `${id}?`))",
  },
  { name: "who may not ask arms", file: book, from: "place.isProtected(to) && place.isAllowed(sender)", to: "place.isProtected(to)" },
  {
    name: "a message arms the person who wrote it, in whatever conversation",
    file: book,
    from: "const to = conversation ?? from",
    to: "const to = from ?? conversation",
  },
  { name: "what cannot be judged leaves", file: door, from: "(error: unknown) => cancelled(problemOf(error)),", to: "() => passed," },
  { name: "a writer that is away lets everything through", file: door, from: "    return answer.message\n", to: "    return undefined\n" },
  { name: "a payload that throws leaves", file: door, from: "return isClosed() ? cancelled(problemOf(error)) : undefined", to: "return undefined" },
  { name: "nobody else may be written to either", file: door, from: "if (to !== undefined && !place.isProtected(to)) {", to: "if (to === undefined) {" },
]
