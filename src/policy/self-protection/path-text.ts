/**
 * Paths as they stand in commands and arguments, made comparable: absolute where the beginning is known, without `.` and `..`, in lower case, since
 * some file systems do not tell cases apart. Names may hold patterns (`*`, `?`, `[...]`), and `unknownText` where a command decides what stands there.
 */

/** Stands in a text for what only running the command would tell: a character that nobody uses. */
export const unknownText = "\ue000"

const longestPath = 4_096

export type Located = {
  readonly parts: readonly string[]
  /** `loose`: the beginning is not known, so only the end can be compared. */
  readonly from: "root" | "working directory" | "loose"
}

export type Bearings = { readonly home: readonly string[] | undefined; readonly cwd: readonly string[] | undefined }

export function locate(text: string, { home, cwd }: Bearings): Located | undefined {
  if (text === "" || text.length > longestPath) return undefined
  const path = withoutGroups(/^file:/i.test(text) ? pathOfUrl(text) : text).toLowerCase()
  if (path.startsWith("/")) return unmounted({ parts: normal([], path), from: "root" }, cwd)
  if (path.startsWith("~")) {
    const slash = path.indexOf("/")
    const name = slash < 0 ? path.slice(1) : path.slice(1, slash)
    const rest = slash < 0 ? "" : path.slice(slash)
    if (home !== undefined && (name === "" || name === home.at(-1))) return { parts: normal(home, rest), from: "root" }
    return { parts: normal([], rest), from: "loose" }
  }
  if (path.startsWith(unknownText) || cwd === undefined) return { parts: normal([], path), from: "loose" }
  return { parts: normal(cwd, path), from: "working directory" }
}

export function partsOf(path: string): readonly string[] {
  return normal([], path.toLowerCase())
}

/** The same tree seen through another process: `/proc/self/root/...`, `/proc/123/cwd/...`. */
function unmounted(located: Located, cwd: readonly string[] | undefined): Located {
  const [first, , third] = located.parts
  if (first !== "proc") return located
  if (third === "root") return { parts: located.parts.slice(3), from: "root" }
  if (third !== "cwd") return located
  const rest = located.parts.slice(3)
  return cwd === undefined ? { parts: rest, from: "loose" } : { parts: [...cwd, ...rest], from: "root" }
}

function normal(base: readonly string[], path: string): readonly string[] {
  const parts = [...base]
  for (const part of path.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "" && part !== ".") parts.push(part)
  }
  return parts
}

/** Groups of patterns are taken for what stands in them, and the mark for a name that comes from a pipe for any name. */
function withoutGroups(text: string): string {
  return text.replace(/[()]/g, "").replaceAll("{}", unknownText)
}

function pathOfUrl(text: string): string {
  const rest = text.slice("file:".length)
  const path = rest.startsWith("//") ? rest.slice(rest.indexOf("/", 2) < 0 ? rest.length : rest.indexOf("/", 2)) : rest
  try {
    return decodeURIComponent(path)
  } catch {
    // A stray percent sign stands for itself.
    return path
  }
}

/** Whether a name, perhaps with patterns in it, can be this one. As in a shell, a pattern does not match a leading dot that it does not write. */
export function canBe(pattern: string, name: string): boolean {
  if (pattern === name) return true
  if (!hasPattern(pattern) || pattern.length > 255) return false
  if (name.startsWith(".") && !pattern.startsWith(".") && !pattern.startsWith(unknownText)) return false
  return matches(pattern, name)
}

export function hasPattern(text: string): boolean {
  return /[*?[\ue000]/.test(text)
}

/** Says nothing of the name it stands for. */
export function isAnything(pattern: string): boolean {
  return /^[*\ue000]+$/.test(pattern)
}

/** Wildcards without backtracking over more than the last `*`. */
function matches(pattern: string, name: string): boolean {
  let p = 0
  let n = 0
  let star = -1
  let resume = 0
  while (n < name.length) {
    const one = pattern[p]
    if (one === "*" || one === unknownText) {
      star = p++
      resume = n
    } else if (one === "[" && pattern.indexOf("]", p + 2) > 0) {
      // Which characters stand in the brackets is not looked at: one of them will fit.
      p = pattern.indexOf("]", p + 2) + 1
      n++
    } else if (one === "?" || one === name[n]) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++resume
    } else {
      return false
    }
  }
  while (pattern[p] === "*" || pattern[p] === unknownText) p++
  return p === pattern.length
}

const mostSpellings = 16

/** The texts that a shell makes of `{a,b}`; a few of them when they are many. */
export function spellings(text: string): readonly string[] {
  if (!text.includes("{")) return [text]
  let open: readonly string[] = [text]
  for (let round = 0; round < 4; round++) {
    const next = open.flatMap(oneBrace).slice(0, mostSpellings)
    if (next.length === open.length) return next
    open = next
  }
  return open
}

function oneBrace(text: string): readonly string[] {
  const end = text.indexOf("}")
  const start = text.lastIndexOf("{", end)
  if (end < 0 || start < 0) return [text]
  const inside = text.slice(start + 1, end)
  if (!inside.includes(",")) return [text]
  return inside.split(",", mostSpellings).map((choice) => text.slice(0, start) + choice + text.slice(end + 1))
}
