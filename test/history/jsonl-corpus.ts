/**
 * Transcripts as hosts up to 2026.7 wrote them, one JSON record a line, made from a seed: the same seed gives the same bytes and the same truth.
 * Lines differ in key order (three are in use: the host's own, usage before content, and sorted keys with spaces), in size, and in who speaks.
 */
import { mkdirSync, openSync, writeSync, closeSync } from "node:fs"
import { dirname, join } from "node:path"

export type CorpusOptions = {
  readonly seed: number
  readonly files: number
  /** About how many bytes all files together have. */
  readonly bytes: number
  readonly agents?: number
  readonly startMs?: number
  /** Between the first and the last call. */
  readonly days?: number
}

export type CorpusTruth = {
  readonly files: number
  readonly bytes: number
  readonly lines: number
  readonly calls: number
  readonly tokens: { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number }
  readonly byModel: Readonly<Record<string, { readonly calls: number; readonly tokens: number }>>
}

const models: readonly (readonly [provider: string, model: string, api: string])[] = [
  ["anthropic", "claude-sonnet-4-5", "anthropic-messages"],
  ["openai", "gpt-5.2", "openai-responses"],
  ["google", "gemini-2.5-pro", "google-generative-ai"],
  ["anthropic", "claude-haiku-4-5", "anthropic-messages"],
]

const words =
  'the agent read a file and wrote \\"an answer\\" with\\n\\n- a list,\\n- some `code`, größer als vorher — and numbers 12.5 % of {"usage": no} [done] C:\\\\temp\\\\x \\ud83d\\ude80 '

/** A small, fast generator (mulberry32); for test data only. */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}

const filler = words.replace(/\{"usage": no\}/, "(no)").repeat(2_000)

export function writeJsonlCorpus(stateDirectory: string, options: CorpusOptions): CorpusTruth {
  const random = chance(options.seed)
  const [agents, startMs, days] = [options.agents ?? 4, options.startMs ?? 1_790_000_000_000, options.days ?? 60]
  const perFile = options.bytes / options.files
  const total = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  const byModel: Record<string, { calls: number; tokens: number }> = {}
  let [bytes, lines, calls] = [0, 0, 0]
  for (let file = 0; file < options.files; file++) {
    const session = uuid(random)
    const path = join(stateDirectory, "agents", `agent-${file % agents}`, "sessions", `${session}.jsonl`)
    mkdirSync(dirname(path), { recursive: true })
    const handle = openSync(path, "w")
    let atMs = startMs + Math.floor((file / options.files) * days * 86_400_000)
    let parts: string[] = [JSON.stringify({ type: "session", version: 3, id: session, timestamp: iso(atMs), cwd: "/home/user/workspace" })]
    let [size, written, parent] = [0, 0, ""]
    while (written + size < perFile) {
      const kind = random()
      const id = hex(random, 8)
      atMs += 500 + Math.floor(random() * 20_000)
      let line: string
      if (kind < 0.43) {
        const [provider, model, api] = pick(models, random)
        const usage = {
          input: Math.floor(random() * 4_000),
          output: Math.floor(random() * 900),
          cacheRead: random() < 0.7 ? Math.floor(random() * 60_000) : 0,
          cacheWrite: random() < 0.3 ? Math.floor(random() * 8_000) : 0,
        }
        const content = contentOf(random, Math.floor(random() ** 3 * 6_000), hex(random, 20))
        line = assistantLine(random, { id, parent, atMs, provider, model, api, usage, content })
        calls++
        for (const name of ["input", "output", "cacheRead", "cacheWrite"] as const) total[name] += usage[name]
        const one = (byModel[`${provider}/${model}`] ??= { calls: 0, tokens: 0 })
        one.calls++
        one.tokens += usage.input + usage.output + usage.cacheRead + usage.cacheWrite
      } else if (kind < 0.83) line = toolResultLine(id, parent, atMs, text(random, Math.floor(random() ** 3 * 16_000)))
      else line = userLine(id, parent, atMs, text(random, Math.floor(random() ** 2 * 1_500)))
      parent = id
      parts.push(line)
      size += line.length
      lines++
      if (size > 2 ** 20) {
        written += writeSync(handle, `${parts.join("\n")}\n`)
        parts = []
        size = 0
      }
    }
    written += parts.length === 0 ? 0 : writeSync(handle, `${parts.join("\n")}\n`)
    bytes += written
    closeSync(handle)
  }
  return { files: options.files, bytes, lines: lines + options.files, calls, tokens: total, byModel }
}

type Call = {
  readonly id: string
  readonly parent: string
  readonly atMs: number
  readonly provider: string
  readonly model: string
  readonly api: string
  readonly usage: { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number }
  readonly content: string
}

function assistantLine(random: () => number, { id, parent, atMs, provider, model, api, usage, content }: Call): string {
  const { input, output, cacheRead, cacheWrite } = usage
  const cost = { input: input * 3e-6, output: output * 1.5e-5, cacheRead: cacheRead * 3e-7, cacheWrite: cacheWrite * 3.75e-6 }
  const total = cost.input + cost.output + cost.cacheRead + cost.cacheWrite
  const told = JSON.stringify({ ...usage, totalTokens: input + output + cacheRead + cacheWrite, cost: { ...cost, total } })
  const order = random()
  const stop = order < 0.5 ? "toolUse" : "stop"
  if (order < 0.6) {
    return `{"type":"message","id":"${id}","parentId":"${parent}","timestamp":"${iso(atMs)}","message":{"role":"assistant","content":${content},"api":"${api}","provider":"${provider}","model":"${model}","usage":${told},"stopReason":"${stop}","timestamp":${atMs - 400}}}`
  }
  if (order < 0.8) {
    return `{"type":"message","id":"${id}","parentId":"${parent}","timestamp":"${iso(atMs)}","message":{"usage":${told},"role":"assistant","api":"${api}","provider":"${provider}","model":"${model}","stopReason":"${stop}","timestamp":${atMs - 400},"content":${content}}}`
  }
  const spaced = JSON.stringify(JSON.parse(told), null, 1).replaceAll("\n", "")
  return `{"id": "${id}", "message": {"api": "${api}", "content": ${content}, "model": "${model}", "provider": "${provider}", "role": "assistant", "stopReason": "${stop}", "timestamp": ${atMs - 400}, "usage": ${spaced}}, "parentId": "${parent}", "timestamp": "${iso(atMs)}", "type": "message"}`
}

function contentOf(random: () => number, length: number, call: string): string {
  const said = `{"type":"text","text":"${text(random, length)}"}`
  if (random() < 0.5) return `[${said}]`
  return `[${said},{"type":"toolCall","id":"toolu_${call}","name":"exec","arguments":{"command":"grep -rn \\"usage\\" src | head","usage":{"input":1}}}]`
}

function toolResultLine(id: string, parent: string, atMs: number, said: string): string {
  return `{"type":"message","id":"${id}","parentId":"${parent}","timestamp":"${iso(atMs)}","message":{"role":"toolResult","toolCallId":"toolu_${id}","toolName":"exec","content":[{"type":"text","text":"${said}"}],"isError":false,"timestamp":${atMs}}}`
}

function userLine(id: string, parent: string, atMs: number, said: string): string {
  return `{"type":"message","id":"${id}","parentId":"${parent}","timestamp":"${iso(atMs)}","message":{"role":"user","content":[{"type":"text","text":"${said}"}],"timestamp":${atMs}}}`
}

/** A piece of the filler, cut where no escape is torn. */
function text(random: () => number, length: number): string {
  const start = Math.floor(random() * 50)
  const from = filler.indexOf(" ", start) + 1
  const to = filler.indexOf(" ", from + length)
  return filler.slice(from, to)
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString()
}

function hex(random: () => number, digits: number): string {
  let out = ""
  while (out.length < digits)
    out += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0")
  return out.slice(0, digits)
}

function uuid(random: () => number): string {
  const all = hex(random, 32)
  return `${all.slice(0, 8)}-${all.slice(8, 12)}-4${all.slice(13, 16)}-8${all.slice(17, 20)}-${all.slice(20, 32)}`
}
