/**
 * One agent turn: over the gateway's own protocol (the fast way), or by `openclaw agent` as a user would, with a
 * gateway or without one (`--local`).
 */
import { randomUUID } from "node:crypto"
import { type GatewayClient, GatewayError } from "./gateway-client.ts"
import type { GatewayHome, JsonObject } from "./home.ts"
import { runOpenclaw, type CommandOptions, type CommandResult } from "./openclaw-cli.ts"

export type TurnOptions = {
  readonly sessionKey?: string
  readonly timeoutMs?: number
}

export type TurnResult = {
  readonly runId: string
  readonly sessionKey: string
  readonly status: string
  readonly text: string
  /** The host's whole answer, for what a suite wants to know beyond the text. */
  readonly answer: JsonObject
  readonly durationMs: number
}

export const mainSession = "agent:main:main"

const chatEnds: ReadonlySet<string> = new Set(["final", "error", "aborted"])

/** Runs a turn to its end. A refused or failed run is a result with another status than "ok", not an exception. */
export async function runTurn(client: GatewayClient, message: string, options: TurnOptions = {}): Promise<TurnResult> {
  const { sessionKey = mainSession, timeoutMs = 60_000 } = options
  const startedMs = performance.now()
  const runId = randomUUID()
  const running = client.request(
    "agent",
    { message, sessionKey, idempotencyKey: runId, timeout: Math.ceil(timeoutMs / 1000) },
    { timeoutMs: timeoutMs + 5000, until: (payload) => payload["status"] !== "accepted" },
  )
  const answer = await running.catch(failedAnswer)
  return {
    runId,
    sessionKey,
    status: String(answer["status"]),
    text: textOf(answer),
    answer,
    durationMs: performance.now() - startedMs,
  }
}

/** The Control UI's way: passes the inbound and outbound message hooks too, which `agent` turns do not. */
export async function sendChat(client: GatewayClient, message: string, options: TurnOptions = {}): Promise<TurnResult> {
  const { sessionKey = mainSession, timeoutMs = 60_000 } = options
  const startedMs = performance.now()
  const runId = randomUUID()
  const { promise: ended, resolve } = Promise.withResolvers<JsonObject>()
  const stopListening = client.onEvent(({ event, payload }) => {
    if (event === "chat" && payload["runId"] === runId && chatEnds.has(String(payload["state"]))) resolve(payload)
  })
  const timer = setTimeout(() => resolve({ state: "timeout" }), timeoutMs)
  try {
    await client.request("chat.send", { sessionKey, message, idempotencyKey: runId, timeoutMs })
    const answer = await ended
    const { content } = (answer["message"] ?? {}) as { readonly content?: readonly { readonly text?: string }[] }
    return {
      runId,
      sessionKey,
      status: answer["state"] === "final" ? "ok" : String(answer["state"]),
      text: (content ?? []).map((part) => part.text ?? "").join(""),
      answer,
      durationMs: performance.now() - startedMs,
    }
  } finally {
    clearTimeout(timer)
    stopListening()
  }
}

export async function resetSession(client: GatewayClient, sessionKey: string): Promise<JsonObject> {
  return client.request("sessions.reset", { key: sessionKey })
}

/** `openclaw agent` through a running gateway. */
export function agentCommand(home: GatewayHome, message: string, options: TurnOptions = {}): Promise<CommandResult> {
  return runOpenclaw(home, agentArguments(message, options), options)
}

/** `openclaw agent --local`: the whole agent in one process, refused while a gateway owns the state directory. */
export function agentLocal(home: GatewayHome, message: string, options: TurnOptions & CommandOptions = {}): Promise<CommandResult> {
  return runOpenclaw(home, [...agentArguments(message, options), "--local"], options)
}

function agentArguments(message: string, { sessionKey = mainSession }: TurnOptions): readonly string[] {
  return ["agent", "--session-key", sessionKey, "--message", message, "--json"]
}

/** A run that failed is answered with the error of its model call; only a lost connection is our own failure. */
function failedAnswer(cause: unknown): JsonObject {
  if (!(cause instanceof GatewayError)) throw cause
  return { status: "error", result: { payloads: [{ text: cause.message }] }, error: cause.details }
}

function textOf(answer: JsonObject): string {
  const { payloads } = (answer["result"] ?? {}) as { readonly payloads?: readonly { readonly text?: string }[] }
  return (payloads ?? []).map((payload) => payload.text ?? "").join("\n")
}
