/** Events as lines of text: one line an event, its preview below it when asked for. */
import type { EventView, EventWhole } from "../../views/event-list.ts"
import type { Look } from "../cli/terminal.ts"
import { plain } from "./words.ts"

export function eventLine(event: EventView, terminal: Look, withPreview: boolean): string {
  const { colors } = terminal
  const where = event.sessionId === null ? "" : ` ${colors.cyan(`[${plain(event.sessionId)}]`)}`
  const type = typeColor(event, terminal)(event.type)
  const head = `${colors.dim(`#${event.sequence}`)} ${event.createdAt.replace("T", " ").replace("Z", "")}${where} ${type} - ${plain(event.description)}`
  if (!withPreview || event.preview === null || event.preview === "") return `${head}\n`
  const most = Math.max(40, terminal.width - 6)
  const shown = plain(event.preview)
  return `${head}\n    ${colors.dim(shown.length > most ? `${shown.slice(0, most - 1)}…` : shown)}\n`
}

export function eventWhole(event: EventWhole, terminal: Look): string {
  const { colors } = terminal
  const rows: [string, string][] = [
    ["sequence", String(event.sequence)],
    ["type", `${event.type} (${event.category})`],
    ["id", plain(event.id)],
    ["recorded", event.createdAt],
    ["session", event.sessionId === null ? "-" : plain(event.sessionId)],
    ["sender", event.sender === null ? "-" : plain(event.sender)],
    ["scope", event.scopeId],
    ["hash", event.hash],
    ["previous", event.previousHash],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const frame = rows.map(([name, value]) => `${colors.dim(name.padEnd(width))}  ${value}`).join("\n")
  const content = event.contentState === "open" ? indented(event.content) : `  (${contentWords[event.contentState]})`
  return `${colors.bold(plain(event.description))}\n\n${frame}\n\n${colors.dim("facts")}\n${indented(event.facts)}\n\n${colors.dim("content")}\n${content}\n`
}

const contentWords = {
  none: "this event has none",
  erased: "erased: its key was destroyed",
  unreadable: "sealed: its key is not here",
  removed: "removed: it was kept as long as the retention says",
  open: "",
} as const

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2)
    .split("\n")
    .map((line) => `  ${plain(line)}`)
    .join("\n")
}

function typeColor(event: EventView, { colors }: Look): (text: string) => string {
  if (event.type === "tool.denied" || event.facts["verdict"] === "deny") return colors.red
  if (event.type === "capture.gap") return colors.yellow
  return colors.bold
}
