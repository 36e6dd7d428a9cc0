/** One attempt to tell a web hook: what is sent, how it is signed, and what its answer means. Who carries it over the network stands above. */
import { createHmac } from "node:crypto"
import type { Outcome } from "../../policy/alerts/delivery.ts"
import type { Webhook } from "../../policy/alerts/receiver.ts"
import type { JsonObject } from "../../base/json.ts"
import { digestBody } from "../../policy/alerts/shapes/digest.ts"
import { discordBody } from "../../policy/alerts/shapes/discord.ts"
import { jsonBody } from "../../policy/alerts/shapes/json.ts"
import type { Raised } from "../../policy/alerts/shapes/lines.ts"
import { slackBody } from "../../policy/alerts/shapes/slack.ts"

export type WebhookRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Hosts of one's own network will do. */
  readonly allowPrivate: boolean
}

/** `retryAfter` as the header has it. */
export type WebhookAnswer = { readonly status: number; readonly retryAfter: string | undefined }

/** Rejects with a `WebhookProblem`, or with what the system says. */
export type PostWebhook = (request: WebhookRequest, signal: AbortSignal) => Promise<WebhookAnswer>

/** What kept a request from an answer, as a word of ours that repeats nothing of an address. */
export class WebhookProblem extends Error {}

const bodies = { slack: slackBody, discord: discordBody, json: jsonBody }

export function requestFor(
  { kind, secret, allowPrivate }: Webhook,
  url: string,
  raised: Raised,
  { ledger, nowMs, projection }: { readonly ledger: string; readonly nowMs: number; readonly projection?: JsonObject | undefined },
): WebhookRequest {
  const body = JSON.stringify(projection === undefined ? bodies[kind](raised, ledger) : digestBody(kind, raised, projection, ledger))
  const signature = secret === undefined ? {} : { "Sovereign-Ledger-Signature": signed(body, secret, Math.floor(nowMs / 1_000)) }
  const headers = { "Content-Type": "application/json; charset=utf-8", "Sovereign-Ledger-Alert": raised.alert, ...signature }
  return { url, headers, body, allowPrivate }
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA-256 under the secret over the seconds, a full stop and the body's bytes. */
export function signed(body: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`
}

/** It read what was sent and will have none of it: the same again helps nobody. */
const isFinal: ReadonlySet<number> = new Set([400, 413, 422])

export function outcomeOf({ status, retryAfter }: WebhookAnswer, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return { took: true, status }
  if (isFinal.has(status)) return { took: false, why: "it does not take what is sent", status, isFinal: true }
  if (status >= 300 && status < 400) return { took: false, why: "it redirects, which is not followed", status }
  const afterMs = waitOf(retryAfter, nowMs)
  const why = status === 429 ? "too much at once" : status >= 500 ? "it is in trouble" : "it refuses"
  return { took: false, why, status, ...(afterMs === undefined ? {} : { afterMs }) }
}

/** Seconds, perhaps with a fraction, or a date (RFC 9110, 10.2.3). */
function waitOf(retryAfter: string | undefined, nowMs: number): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\d{1,9}(?:\.\d+)?$/.test(retryAfter)) return Math.ceil(Number(retryAfter) * 1_000)
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

/** Of an attempt that had no answer. */
export function problemOutcome(error: unknown): Outcome {
  if (error instanceof WebhookProblem) return { took: false, why: error.message }
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(error.code) ? error.code : "no answer"
  return { took: false, why: code }
}
