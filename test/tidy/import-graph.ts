/** The imports of `src/` as they stand in the text: values and types, static and dynamic. */
import { posix } from "node:path"
import { read, sources } from "./repository.ts"

export type Import = {
  readonly from: string
  readonly line: number
  readonly specifier: string
  /** The file inside the repository, for a relative import. */
  readonly target?: string
}

const statement = /^(?:import\b[^"';=]*|export\b[^"';=]*\bfrom\s*)["']([^"']+)["']/gm
const call = /\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g
const computedCall = /^(?!\s*(?:\*|\/\/)).*\bimport\s*\(\s*[^"'`\s)]/gm

export function importsOf(from: string): readonly Import[] {
  const text = withoutComments(read(from))
  const found: Import[] = []
  for (const match of [...text.matchAll(statement), ...text.matchAll(call)]) {
    const specifier = match[1] ?? ""
    const line = text.slice(0, match.index).split("\n").length
    const relative = specifier.startsWith(".")
    found.push({ from, line, specifier, ...(relative ? { target: posix.join(posix.dirname(from), specifier) } : {}) })
  }
  return found
}

/** Imports whose name is computed, which no test can follow. */
export function computedImportsOf(path: string): readonly string[] {
  return [...withoutComments(read(path)).matchAll(computedCall)].map((match) => `${path}: ${match[0].trim()}`)
}

export function allImports(): readonly Import[] {
  return sources("src").flatMap(importsOf)
}

/** The folder of `src/` a file belongs to, or the name of the root it is. */
export function partOf(path: string): string {
  const [, part = ""] = path.split("/")
  return part.replace(/\.ts$/, "")
}

/** A cycle among the edges, as the names on it, or undefined. */
export function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const finished = new Set<string>()
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name]
    if (finished.has(name)) return undefined
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next, [...trail, name])
      if (cycle) return cycle
    }
    finished.add(name)
    return undefined
  }
  for (const name of edges.keys()) {
    const cycle = visit(name, [])
    if (cycle) return cycle
  }
  return undefined
}

/** Blanks comments that begin a line; a comment after code holds no import statement. */
function withoutComments(text: string): string {
  return text.replace(/^[ \t]*\/\*[^]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, " ")).replace(/^[ \t]*\/\/.*$/gm, "")
}
