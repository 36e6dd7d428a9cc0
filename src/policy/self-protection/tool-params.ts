/** The arguments of a tool that runs no commands: those that are paths by their name, or look like one. */
import { locate, spellings } from "./path-text.ts"
import { changes, movesDirectory, reads, searches, touchAt, type Reach } from "./place-match.ts"
import { isInspector } from "./file-programs.ts"
import type { Surroundings } from "./surroundings.ts"
import type { Touch } from "./touch.ts"

const deepest = 4
const mostValues = 2_000
const longestValue = 4_096

/** Names of arguments that are paths; of others only values that look like one are taken for it. */
const pathNames =
  /(?:^|[a-z_])(?:path|paths|file|files|filename|dir|directory|folder|cwd|workdir|root|source|src|dest|destination|from|to|uri|url|urls|media|attachment|attachments|image|images|pdf|document|buffer|target)$/i
/** Texts that people and models write: a path in them is a mention. */
const textNames =
  /^(?:content|contents|text|message|body|prompt|task|note|description|summary|title|caption|old\w*|new\w*|query|pattern|regex|replace\w*|search|reason|comment|subject|html|markdown|input|code|data|label|topic)$/i
const changingTool = /write|edit|patch|create|delete|remove|move|rename|append|replace|update|save|upload_to|mkdir|chmod/i
const treeTool = /^(?:find|grep|glob|search|list_files|tree|rg)/i

export function paramTouches(tool: string, params: unknown, surroundings: Surroundings): readonly Touch[] {
  const reach = reachOf(tool)
  const touches: (Touch | undefined)[] = []
  let left = mostValues
  const visit = (value: unknown, name: string, depth: number): void => {
    if (left-- <= 0 || depth > deepest) return
    if (typeof value === "string") touches.push(...valueTouches(value, name, reach, surroundings))
    else if (Array.isArray(value)) for (const item of value) visit(item, name, depth + 1)
    else if (typeof value === "object" && value !== null) for (const [key, item] of Object.entries(value)) visit(item, key, depth + 1)
  }
  visit(params, "", 0)
  return touches.filter((touch) => touch !== undefined)
}

function reachOf(tool: string): Reach {
  if (treeTool.test(tool)) return searches
  if (!changingTool.test(tool)) return reads
  return /delete|remove|move|rename/i.test(tool) ? movesDirectory : changes
}

function valueTouches(value: string, name: string, reach: Reach, surroundings: Surroundings): readonly (Touch | undefined)[] {
  if (value.length > longestValue || textNames.test(name)) return []
  if (isInspector(value)) return [{ what: "gateway process", access: "change" }]
  if (!pathNames.test(name) && !/^(?:[/~]|\.{1,2}\/|file:|\$)/i.test(value)) return []
  const path = withVariables(value, surroundings)
  const bearings = { home: surroundings.home, cwd: surroundings.workspace }
  return spellings(path).flatMap((spelling) => {
    const located = locate(spelling, bearings)
    return located ? [touchAt(located, reach, surroundings)] : []
  })
}

/** `$HOME/...` and the like, where a tool or whatever it calls resolves them. */
function withVariables(text: string, { variables }: Surroundings): string {
  return text.replace(/^\$\{?([A-Z_]+)\}?/, (whole, name: string) => variables.get(name) ?? whole)
}

/** `*** Update File: path` and its kin, and the headers of ordinary patches. */
const patchHeader = /^(?:\*\*\* (?:Add|Update|Delete) File: |\*\*\* Move to: |--- (?:a\/)?|\+\+\+ (?:b\/)?|rename (?:from|to) )(.{1,4096})$/gm

export function patchTouches(text: string, surroundings: Surroundings): readonly Touch[] {
  const touches: Touch[] = []
  for (const [, path = ""] of text.matchAll(patchHeader)) {
    const located = locate(path.trim(), { home: surroundings.home, cwd: surroundings.workspace })
    const touch = located && touchAt(located, changes, surroundings)
    if (touch) touches.push(touch)
  }
  return touches
}
