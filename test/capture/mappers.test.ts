/** Every mapper on payloads nobody foresaw: it never throws, says what it must, and lets nothing of a person into what cannot be erased. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"
import { redact } from "../../src/capture/redact.ts"
import type { Picked } from "../../src/capture/hook-row.ts"
import { hookRows } from "../../src/capture/hook-rows.ts"
import { eventTypes, type EventType, type NewEvent } from "../../src/format/event.ts"
import { nasty, runs } from "./nasty.ts"
import { context, eventsOf, openParts, variants, type Payload } from "./vectors.ts"

/** The facts an event may not lack, whatever the host left out. */
const required: Partial<Record<EventType, Readonly<Record<string, "string" | "number" | "boolean">>>> = {
  "gateway.stopped": { reason: "string" },
  "session.started": { resumed: "boolean" },
  "guard.disabled": { reason: "string" },
  "capture.hook-unavailable": { hook: "string" },
  "compaction.started": { messageCount: "number" },
  "compaction.ended": { messageCount: "number" },
  "reply.requested": { promptLength: "number" },
  "prompt.routed": { promptLength: "number" },
  "turn.prepared": { promptLength: "number", historyMessages: "number" },
  "prompt.built": { promptLength: "number", historyMessages: "number" },
  "run.progressed": { stream: "string" },
  "answer.drafted": { answerLength: "number" },
  "run.started": { promptLength: "number", historyMessages: "number" },
  "run.ended": { success: "boolean", messageCount: "number" },
  "prompt.submitted": { promptLength: "number", historyMessages: "number" },
  "model.responded": { answerLength: "number" },
  "usage.reported": { role: "string" },
  "tool.invoked": { tool: "string", call: "string", guarded: "boolean", verdict: "string" },
  "tool.returned": { tool: "string", call: "string", failed: "boolean", resultBytes: "number" },
  "tool.denied": { tool: "string", call: "string" },
  "tool.persisted": { tool: "string", call: "string", synthetic: "boolean", resultLength: "number" },
  "exec.prepared": { tool: "string" },
  "message.claimed": { length: "number", group: "boolean" },
  "message.dispatched": { length: "number" },
  "reply.dispatched": { length: "number" },
  "reply.offered": { length: "number" },
  "message.written": { role: "string", length: "number" },
  "subagent.routed": { awaited: "boolean" },
  "cron.reconciled": { enabled: "boolean" },
  "cron.changed": { action: "string" },
  "proposal.submitted": { fileCount: "number", sizeBytes: "number" },
  "diagnostic.reported": { kind: "string" },
  "message.received": { length: "number" },
  "message.offered": { length: "number" },
  "message.sent": { length: "number", success: "boolean" },
}

/** Facts that are a list of flat ones. */
const listed = new Set(["windows"])

function check(events: readonly NewEvent[]): void {
  for (const event of events) {
    assert.ok(event.type in eventTypes)
    assert.ok(event.id.startsWith(`${event.type}:`) && event.id.length < 500, event.id)
    const facts: Readonly<Record<string, unknown>> = event.facts
    for (const [name, type] of Object.entries(required[event.type] ?? {})) assert.equal(typeof facts[name], type, `${event.type} ${name}`)
    for (const [name, value] of Object.entries(facts)) {
      const parts =
        listed.has(name) && Array.isArray(value) ? (value as readonly object[]).flatMap((part) => Object.values(part) as readonly unknown[]) : [value]
      for (const part of parts) {
        assert.ok(["string", "number", "boolean"].includes(typeof part), `${name} is flat`)
        if (typeof part === "number") assert.ok(Number.isSafeInteger(part), `${name} is whole`)
        if (typeof part === "string") assert.ok(part.length <= 128, `${name} is short`)
      }
    }
    for (const label of Object.values(event.scope ?? {})) assert.equal(typeof label, "string")
    assert.deepEqual(JSON.parse(JSON.stringify(event)), event)
    if (event.content !== undefined) redact(event.content)
  }
}

/** A payload of the host with one to four places in it replaced, made when it is used. */
function mutated(payload: Payload): fc.Arbitrary<() => Payload> {
  const change = fc.tuple(fc.constantFrom(...placesIn(payload)), nasty)
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => () => {
    const copy = structuredClone(payload)
    const replaced = new Set<string>()
    for (const [path, make] of changes) {
      // What was replaced is not looked into again: it may throw.
      if (path.some((_, depth) => replaced.has(path.slice(0, depth + 1).join("/")))) continue
      let at: unknown = copy
      for (const key of path.slice(0, -1)) at = (at as Record<string, unknown>)[key]
      Object.assign(at as object, { [path.at(-1) ?? ""]: make() })
      replaced.add(path.join("/"))
    }
    return copy
  })
}

function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const inside = typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, part]) => placesIn(part, [...path, key])) : []
  return path.length === 0 ? inside : [path, ...inside]
}

/** Made once: the library writes down every character that there is when it makes one. */
const json = fc.jsonValue({ stringUnit: anyCharacter })

describe("mappers", () => {
  for (const row of hookRows) {
    test(`${row.hook}: anything at all`, () => {
      fc.assert(
        fc.property(nasty, nasty, fc.constantFrom(256, 1000, 65_536), (event, ctx, maxBytes) => check(eventsOf(row, { event: event(), ctx: ctx() }, maxBytes))),
        runs(500),
      )
    })

    test(`${row.hook}: real payloads, changed`, () => {
      const own = variants.filter((variant) => variant.row === row).map(({ payload }) => mutated(payload))
      fc.assert(
        fc.property(fc.oneof(...own), fc.constantFrom(256, 700, 65_536), (make, maxBytes) => check(eventsOf(row, make(), maxBytes))),
        runs(500),
      )
    })

    test(`${row.hook}: what was picked may be anything`, () => {
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom(...pickedNames(row.hook)), json), fc.boolean(), (picked, cut) =>
          check(
            row.map(
              { hook: row.hook, atMs: 1, picked: JSON.parse(JSON.stringify(picked)) as Picked, ...(cut ? { cut: { fromBytes: 9, keptSha256: "00" } } : {}) },
              context,
            ),
          ),
        ),
        runs(500),
      )
    })
  }
})

const canaries = ["CANARY", "CANARY_7", "canary@example.com", "+15557654321", "/home/user/CANARY.txt", "Carla CANARY"]
const canary = /canary|5557654321/i

describe("nothing of a person in facts, id or type", () => {
  for (const { row, variant, payload } of variants) {
    test(`${row.hook}: ${variant}`, () => {
      for (const text of canaries) {
        const planted = plant(row.hook === "quota" ? withoutLabels(payload) : payload, text)
        for (const event of eventsOf(row, planted)) {
          assert.doesNotMatch(openParts(event), canary)
          if (["prompt", "text", "params", "result", "answer"].some((name) => name in (event.content ?? {}))) {
            assert.match(JSON.stringify(event.content), canary, "the canary is in the content")
          }
        }
      }
    })
  }

  test("ids that carry a session, a recipient or an address", () => {
    for (const text of ["agent:main:whatsapp:direct:CANARY", "announce:v1:agent:main:CANARY:1", "CANARY@c.us", "to CANARY", "telegram:+15557654321:7"]) {
      for (const { row, payload } of variants) {
        const planted = plantIds(payload, text)
        for (const event of eventsOf(row, planted)) assert.doesNotMatch(openParts(event), canary)
      }
    }
  })
})

const freeText = new Set([
  ...["prompt", "systemPrompt", "content", "text", "params", "args", "result", "details", "assistantTexts", "error", "messages", "historyMessages", "tools"],
  ...["to", "from", "senderId", "senderName", "senderUsername", "conversationId", "originatingTo", "chatId", "label", "requester", "accountId", "threadId"],
  ...["replyToId", "replyToBody", "workspaceDir", "mediaUrls", "media", "derivedPaths", "sessionFile", "target", "inputProvenance", "idempotencyKey"],
  ...["cleanedBody", "body", "bodyForAgent", "lastAssistantMessage", "currentUserMessage", "queuedInjections", "originatingAccountId", "originatingThreadId"],
  ...[
    "Body",
    "BodyForAgent",
    "RawBody",
    "CommandBody",
    "commandText",
    "agentText",
    "rawText",
    "SenderId",
    "OriginatingTo",
    "code",
    "metadata",
    "pluginBinding",
  ],
  ...[
    "requesterOrigin",
    "description",
    "schedule",
    "summary",
    "deliveryError",
    "sessionTarget",
    "payload",
    "sourcePath",
    "requestedSpecifier",
    "findings",
    "skill",
  ],
  ...[
    "candidate",
    "evaluations",
    "correlationId",
    "skillFile",
    "skillDir",
    "skillName",
    "delta",
    "output",
    "title",
    "approvalSlug",
    "input",
    "message",
    "actor",
    "who",
  ],
])
const sessionKeys = new Set(["sessionKey", "childSessionKey", "requesterSessionKey", "targetSessionKey", "nextSessionKey", "SessionKey"])
const idKeys = new Set([
  ...["runId", "toolCallId", "callId", "messageId", "sessionId", "responseId", "jobId", "resumedFrom", "nextSessionId", "previousSessionId", "childRunId"],
  ...["parentToolCallId", "MessageSid", "turnId", "eventId", "approvalId", "idempotencyKey"],
])

/** A window of a plan is named by its provider, and everywhere else a label is somebody's words. */
function withoutLabels(payload: Payload): Payload {
  return JSON.parse(JSON.stringify(payload, (key, value: unknown) => (key === "label" ? undefined : value))) as Payload
}

/** The payload with the canary in every place where people's words, names and addresses stand. */
function plant(value: unknown, text: string): Payload {
  const walk = (part: unknown, key: string, free: boolean): unknown => {
    if (sessionKeys.has(key)) return `agent:main:whatsapp:direct:${text}`
    // The host's own words among those of people: the catalogue's entry of a tool, the name of a channel, the head of its row for a nested call.
    if (key === "tool" && typeof part === "object") return part
    const inside = (free || freeText.has(key)) && key !== "channel" && !isHead(key, part)
    if (typeof part === "string") return inside ? text : part
    if (Array.isArray(part)) return part.map((item) => walk(item, "", inside))
    if (typeof part !== "object" || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item, key, inside)]))
  }
  return walk(value, "", false) as Payload
}

/** Objects of the host that hold words of people among its own. */
function isHead(key: string, part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false
  return key === "message" || (key === "details" && "parentToolCallId" in part)
}

function plantIds(value: unknown, text: string): Payload {
  return JSON.parse(JSON.stringify(value), (key, part: unknown) => (idKeys.has(key) ? text : part)) as Payload
}

/** The names a row picks, seen in the payloads there are, and a few it does not. */
function pickedNames(hook: string): readonly string[] {
  const picked = variants.filter(({ row }) => row.hook === hook).map(({ row, payload }) => Object.keys(row.pick(payload.event, payload.ctx)))
  return [...new Set([...picked.flat(), "run", "session", "sender", "agent", "other"])]
}
