/**
 * What is of no concern to whom a message goes to, taken out of its text: reasoning of models, secrets, and internal marks of hosts and models. What stands in code,
 * fenced or between backticks, is left, since there it is talked about; secrets are found anywhere. Work follows the size of the text.
 *
 *   "<think>she must not know</think>At six.\nNO_REPLY" with reasoning and internalMarkers becomes "At six."
 */
export type StripRule = {
  /** Blocks `<think>`, `<thinking>`, `<thought>`, `<reasoning>` and the like; without an end, to the end of the text, and without a beginning, from its beginning. */
  readonly reasoning: boolean
  readonly secrets: boolean
  /** Tool calls written as text, the host's marks of silence and of its own context, tokens of models' templates. */
  readonly internalMarkers: boolean
}

/** How many were taken out, by kind: `reasoning`, `internal-marker`, and the kinds of secrets. */
export type Stripped = { readonly text: string; readonly found: Readonly<Record<string, number>> }

/** A text without its secrets, which are counted by kind. */
export type SecretFinder = (text: string, counts: Map<string, number>) => string

export const stripNames = ["reasoning", "secrets", "internalMarkers"] as const

/** @throws whatever the finder throws; then nothing is known of the text */
export function strip(text: string, rule: StripRule, withoutSecrets: SecretFinder): Stripped {
  const counts = new Map<string, number>()
  let clean = text
  if (rule.reasoning) clean = withoutBlocks(clean, reasoningTags, () => count(counts, "reasoning"))
  if (rule.internalMarkers) clean = withoutMarks(clean, () => count(counts, "internal-marker"))
  if (rule.secrets) clean = withoutSecrets(clean, counts)
  return { text: clean === text ? text : clean.trim(), found: Object.fromEntries(counts) }
}

/** Passes over a text from which something came out: what stood around it may be one now. */
const mostPasses = 4

/** A fence of code, a run of backticks, or a mark: no two ways to read one place, so that a text is gone through once. */
const token =
  /(?:^|\n)[ \t]{0,3}(`{3,}|~{3,})|(`+)|<[ \t]{0,4}(\/?)[ \t]{0,4}((?:[a-z]{1,16}:)?[a-z_-]{1,32})\b[^<>]{0,2000}>|(\[\/?TOOL_(?:CALL|RESULT)\])|<<<(BEGIN|END)_OPENCLAW_INTERNAL_CONTEXT>>>/gi

const reasoningTags = /^(?:[a-z]+:)?(?:think|thinking|thought|thoughts|reasoning|antthinking|scratchpad)$/i
const markerTags =
  /^(?:tool_calls?|tool_results?|function_calls?|function_results?|function_response|antml:[a-z_-]+|invoke|relevant[-_]memories|\[tool_call\]|\[tool_result\]|<<<context>>>)$/i
/** What is around an answer: the tags go, the answer stays. */
const answerTag = /<[ \t]{0,4}\/?[ \t]{0,4}final\b[^<>]{0,200}>/gi
/** Tokens of chat templates, such as `<|im_end|>`. */
const templateToken = /<[|｜][^|｜<>\n]{1,64}[|｜]>/g
/** By these words the host's models say that nothing is to be sent. */
const silence = /(?<![\w`])(?:NO_REPLY|HEARTBEAT_OK|ANNOUNCE_SKIP|REPLY_SKIP)(?![\w`])/g

type Span = { readonly start: number; readonly end: number }
type Tag = Span & { readonly name: string; readonly isEnd: boolean }

function withoutMarks(text: string, counted: () => void): string {
  let clean = withoutBlocks(text, markerTags, counted)
  for (const pattern of [answerTag, templateToken, silence]) {
    const code = codeIn(clean)
    clean = clean.replace(pattern, (found, at: number) => {
      if (isIn(code, at)) return found
      counted()
      return ""
    })
  }
  return clean
}

function withoutBlocks(text: string, names: RegExp, counted: () => void): string {
  let clean = text
  for (let pass = 0; pass < mostPasses; pass++) {
    const spans = blocksIn(clean, names)
    if (spans.length === 0) return clean
    spans.forEach(counted)
    clean = without(clean, spans)
  }
  return clean
}

/** Where something was on lines of its own, one empty line is enough. */
function without(text: string, spans: readonly Span[]): string {
  const parts: string[] = []
  let [from, ended] = [0, 0]
  for (const { start, end } of [...spans, { start: text.length, end: text.length }]) {
    const part = text.slice(from, start)
    const kept = ended > 0 ? part.replace(/^\n+/, (lines) => lines.slice(Math.min(lines.length, Math.max(0, ended + lines.length - 2)))) : part
    parts.push(kept)
    if (kept !== "") ended = /\n{0,2}$/.exec(kept.slice(-2))?.[0].length ?? 0
    from = end
  }
  return parts.join("")
}

/** Blocks between these tags, in order: from a tag to the next end of its name, or of any where they are reasoning. An end of reasoning without a beginning ends what stands before it. */
function blocksIn(text: string, names: RegExp): readonly Span[] {
  const spans: Span[] = []
  const isReasoning = names === reasoningTags
  const code = codeIn(text)
  let open: Tag | undefined
  for (const tag of tagsIn(text, names)) {
    if (open) {
      if (!tag.isEnd || (!isReasoning && tag.name !== open.name)) continue
      spans.push({ start: open.start, end: tag.end })
      open = undefined
    } else if (isIn(code, tag.start)) continue
    else if (!tag.isEnd) open = tag
    else if (isReasoning) spans.splice(0, spans.length, { start: 0, end: tag.end })
    else spans.push(tag)
  }
  if (open) spans.push({ start: open.start, end: text.length })
  return spans
}

function* tagsIn(text: string, names: RegExp): Generator<Tag> {
  for (const match of text.matchAll(token)) {
    const [found, , , slash = "", tag, bracket, side] = match
    const name = (tag ?? bracket?.replace("/", "") ?? (side === undefined ? "" : "<<<context>>>")).toLowerCase()
    if (!names.test(name)) continue
    const isEnd = slash !== "" || bracket?.startsWith("[/") === true || side?.toUpperCase() === "END"
    yield { start: match.index, end: match.index + found.length, name, isEnd }
  }
}

/** What stands between fences, or between runs of as many backticks, in order. What is not closed is no code. */
function codeIn(text: string): readonly Span[] {
  const marks = [...text.matchAll(token)].flatMap(({ 0: { length }, 1: fence, 2: ticks, index }) => {
    const mark = fence ?? ticks
    return mark === undefined ? [] : [{ mark, start: index, end: index + length }]
  })
  const next = new Map<string, number>()
  const ends = marks.map(() => -1)
  for (let n = marks.length - 1; n >= 0; n--) {
    const { mark = "" } = marks[n] ?? {}
    ends[n] = next.get(mark) ?? -1
    next.set(mark, n)
  }
  const spans: Span[] = []
  for (let n = 0; n < marks.length; n++) {
    const last = ends[n] ?? -1
    if (last < 0) continue
    spans.push({ start: marks[n]?.start ?? 0, end: marks[last]?.end ?? 0 })
    n = last
  }
  return spans
}

function isIn(spans: readonly Span[], at: number): boolean {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.end ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return (spans[low]?.start ?? Infinity) <= at
}

function count(counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
}
