/**
 * Receivers of web hooks on loopback that take what the real ones take, and refuse what those refuse: Slack
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, block kit's bounds), Discord
 * (https://docs.discord.com/developers/resources/webhook#execute-webhook), and one for plain JSON that holds it against the published schema.
 */
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"

export type ReceiverKind = "slack" | "discord" | "json"

export type Delivered = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
  /** What it was answered. */
  readonly status: number
  readonly problem: string | undefined
}

export type Receiver = {
  readonly url: string
  readonly port: number
  /** Everything that was sent to it, the oldest first. */
  readonly requests: readonly Delivered[]
  /** What it took. */
  readonly taken: readonly Delivered[]
  /** Says how the next requests are answered; undefined lets its validator decide. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean
  stop(): Promise<void>
}

type Options = { readonly kind?: ReceiverKind; readonly tls?: { readonly key: string; readonly cert: string }; readonly port?: number; readonly host?: string }

export async function startReceiver({ kind = "json", tls, port = 0, host = "127.0.0.1" }: Options = {}): Promise<Receiver> {
  const requests: Delivered[] = []
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    void textOf(request).then((text) => {
      if (receiver.answer(request, response)) {
        requests.push({ headers: request.headers, text, body: bodyOf(text), status: response.statusCode, problem: "as the test wanted" })
        return
      }
      const problem = request.method === "POST" ? problems[kind](bodyOf(text)) : "no POST"
      const status = problem === undefined ? (kind === "discord" ? 204 : 200) : 400
      requests.push({ headers: request.headers, text, body: bodyOf(text), status, problem })
      response.writeHead(status).end(problem ?? (kind === "discord" ? undefined : "ok"))
    })
  }
  const server = tls ? createTlsServer(tls, handle) : createServer(handle)
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  const bound = (server.address() as AddressInfo).port
  const receiver: Receiver = {
    url: `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${bound}/services/T000/B000/secret-path`,
    port: bound,
    requests,
    get taken() {
      return requests.filter(({ status }) => status < 300)
    },
    answer: () => false,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return receiver
}

type Problem = (body: Readonly<Record<string, unknown>>) => string | undefined

const validator = (name: string) => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/spec", name), "utf8")) as object
  return new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
}
const [fitsAlert, fitsDigest, fitsReport] = [validator("alert.schema.json"), validator("digest.schema.json"), validator("period-report.schema.json")]

export const problems: Readonly<Record<ReceiverKind, Problem>> = {
  slack: slackProblem,
  discord: discordProblem,
  json: (body) => {
    if (body["type"] !== "digest") return fitsAlert(body) ? undefined : JSON.stringify(fitsAlert.errors)
    if (!fitsDigest(body)) return JSON.stringify(fitsDigest.errors)
    return fitsReport(body["projection"]) ? undefined : JSON.stringify(fitsReport.errors)
  },
}

/** Slack's words for what is wrong. */
function slackProblem({ text, blocks, ...others }: Readonly<Record<string, unknown>>): string | undefined {
  const known = ["unfurl_links", "unfurl_media", "mrkdwn", "thread_ts", "response_type"]
  if (Object.keys(others).some((name) => !known.includes(name))) return "invalid_payload"
  if (typeof text !== "string" && !Array.isArray(blocks)) return "no_text"
  if (typeof text === "string" && (text.length === 0 || text.length > 40_000)) return "no_text"
  const texts = [text]
  for (const block of (blocks ?? []) as readonly Readonly<Record<string, unknown>>[]) {
    const found = [block["text"], ...((block["elements"] ?? []) as readonly unknown[])].filter((one) => one !== undefined) as { type: string; text: string }[]
    const most = block["type"] === "header" ? 150 : 3_000
    if (!["header", "section", "context"].includes(String(block["type"])) || found.length === 0 || found.length > 10) return "invalid_blocks"
    if (found.some((one) => !["plain_text", "mrkdwn"].includes(one.type) || one.text.length === 0 || one.text.length > most)) return "invalid_blocks"
    if (block["type"] === "header" && found.some(({ type }) => type !== "plain_text")) return "invalid_blocks"
    texts.push(...found.map((one) => one.text))
  }
  // Whatever stands in pointed brackets is Slack's own: mentions, channels, links.
  return texts.some((one) => /<[!@#]|<https?:/.test(String(one))) ? "a mention or a link" : undefined
}

function discordProblem(body: Readonly<Record<string, unknown>>): string | undefined {
  const { content, allowed_mentions: mentions, flags } = body
  if (typeof content !== "string" || content.trim() === "") return '{"code": 50006, "message": "Cannot send an empty message"}'
  if ([...content].length > 2_000 || content.length > 2_000) return '{"content": ["Must be 2000 or fewer in length."]}'
  if (flags !== undefined && flags !== 4 && flags !== 4_096) return '{"flags": ["not a flag of web hooks"]}'
  const parse = (mentions as { parse?: unknown } | undefined)?.parse
  return Array.isArray(parse) && parse.length === 0 ? undefined : "it would mention people"
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
