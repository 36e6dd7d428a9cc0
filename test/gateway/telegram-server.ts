/**
 * As much of Telegram's Bot API as the host's channel needs, on loopback: people write to the bot with `receive`, and what the bot sends is kept.
 * A real channel gives senders, recipients and outbound hooks, which the web chat does not.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { JsonObject } from "./home.ts"

export type SentMessage = { readonly chatId: string; readonly text: string }
export type TelegramSender = { readonly id: number; readonly firstName: string; readonly username: string }

export type TelegramGroup = { readonly id: number; readonly title: string }

export type TelegramServer = {
  readonly sent: readonly SentMessage[]
  /** Every call that reaches somebody, by the API's name of it: messages, polls, reactions, edits. */
  readonly reached: readonly { readonly method: string; readonly chatId: string }[]
  /** The channel's part of the host's configuration. */
  readonly config: JsonObject
  /** Somebody writes to the bot: in a private chat, or in a group. Answers what `again` takes. */
  receive(from: TelegramSender, text: string, group?: TelegramGroup): JsonObject
  /** The same message once more, as a new update: delivered again, or edited to another text. */
  again(message: JsonObject, edited?: string): void
  stop(): Promise<void>
}

const bot = { id: 424_242, is_bot: true, first_name: "Ledger", username: "ledger_test_bot" }
const pollMs = 1000

export async function startTelegramServer(): Promise<TelegramServer> {
  const sent: SentMessage[] = []
  const reached: { method: string; chatId: string }[] = []
  const updates: JsonObject[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    void answer(request, response, { sent, reached, updates, waiting })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const deliver = (update: JsonObject) => {
    updates.push({ update_id: updates.length + 1, ...update })
    for (const wake of waiting) wake()
  }
  return {
    sent,
    reached,
    config: { enabled: true, botToken: "424242:loopback-only", apiRoot: `http://127.0.0.1:${port}`, dmPolicy: "open", allowFrom: ["*"] },
    receive(from, text, group) {
      const id = updates.length + 1
      const person = { id: from.id, is_bot: false, first_name: from.firstName, username: from.username }
      const chat = group ? { ...group, type: "supergroup" } : { id: from.id, type: "private", first_name: from.firstName, username: from.username }
      const [command] = /^\/\w+/.exec(text) ?? []
      // As the real one marks a command, by which the host's own handlers of commands know it.
      const marks = command === undefined ? {} : { entities: [{ type: "bot_command", offset: 0, length: command.length }] }
      const message = { message_id: id, from: person, chat, date: Math.trunc(Date.now() / 1000), text, ...marks }
      deliver({ message })
      return message
    },
    again(message, edited) {
      deliver(edited === undefined ? { message } : { edited_message: { ...message, text: edited, edit_date: Math.trunc(Date.now() / 1000) } })
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type State = {
  readonly sent: SentMessage[]
  readonly reached: { method: string; chatId: string }[]
  readonly updates: readonly JsonObject[]
  readonly waiting: Set<() => void>
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1")
  const method = url.pathname.split("/").at(-1) ?? ""
  const fields = { ...Object.fromEntries(url.searchParams), ...(await readFields(request)) }
  const result = await resultOf(method, fields, state)
  response.writeHead(200, { "content-type": "application/json" })
  response.end(JSON.stringify({ ok: true, result }))
}

async function resultOf(method: string, fields: JsonObject, { sent, reached, updates, waiting }: State): Promise<unknown> {
  if (fields["chat_id"] !== undefined && /^(?:send(?!ChatAction)|edit|set|copy|forward|delete|pin)/.test(method))
    reached.push({ method, chatId: String(fields["chat_id"]) })
  if (method === "getMe") return bot
  if (method === "getUpdates") {
    const due = () => updates.filter((update) => Number(update["update_id"]) >= Number(fields["offset"] ?? 0))
    if (due().length === 0) await pause(waiting)
    return due()
  }
  if (method === "sendMessage") {
    const message = { chatId: String(fields["chat_id"]), text: String(fields["text"]) }
    sent.push(message)
    const type = message.chatId.startsWith("-") ? "supergroup" : "private"
    return { message_id: 10_000 + sent.length, from: bot, chat: { id: Number(message.chatId), type }, date: 0, text: message.text }
  }
  if (method === "getWebhookInfo") return { url: "", pending_update_count: 0 }
  return method.startsWith("get") ? [] : true
}

function pause(waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      waiting.delete(wake)
      resolve()
    }
    const timer = setTimeout(wake, pollMs)
    waiting.add(wake)
  })
}

async function readFields(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString("utf8")
  if (text === "") return {}
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    // Uploads come as forms; nothing here asks for what is in them.
    return Object.fromEntries(new URLSearchParams(text))
  }
}
