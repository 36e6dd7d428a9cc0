/**
 * Does a tool call reach for the ledger's own files, keys, configuration or processes? Pure, linear, over a bounded part of the arguments, and a
 * finding says nothing of their text. It sees what stands in the call: not what a script does that the call only names, nor what is encoded in it.
 */
import { objectOf, stringOf } from "../base/json.ts"
import { shellTouches } from "./self-protection/command-scan.ts"
import { codeTouches } from "./self-protection/code.ts"
import { hostToolTouches } from "./self-protection/host-commands.ts"
import { locate, partsOf } from "./self-protection/path-text.ts"
import { paramTouches, patchTouches } from "./self-protection/tool-params.ts"
import { surroundingsOf, type ProtectedPaths, type Surroundings } from "./self-protection/surroundings.ts"
import { strongest, type Touch } from "./self-protection/touch.ts"

export { surroundingsOf, type ProtectedPaths, type Surroundings } from "./self-protection/surroundings.ts"
export { touchables, type Access, type Touch, type Touchable } from "./self-protection/touch.ts"

export type ToolCall = {
  readonly tool: string
  readonly params: unknown
  /** Paths that the host itself found in the arguments. */
  readonly paths?: unknown
}

/** A command that goes on beyond this is long for a reason, but its beginning says what it is. */
const mostCharacters = 65_536

/** Calls another tool, whose own call is looked at. */
const wrapperTool = "tool_call"
/** Tools whose every text is typed into a shell; of other tools, whoever made them, what they call a command is. */
const shellTools = /^(?:exec|bash|sh|shell|process|terminal|system[._]run|gateway_exec|node_exec|local_shell)$/i
const codeTools = /^(?:code_execution|python|node|javascript|js|repl|run_code|execute_code|tool_search_code|ipython)$/i
const commandNames = ["command", "cmd", "commands", "script", "argv", "shell_command"]
const typedNames = [...commandNames, "data", "text", "literal", "args", "keys", "input"]
/** Runs its commands on other machines. */
const nodesTool = "nodes"

export function touchOf({ tool, params, paths }: ToolCall, surroundings: Surroundings): Touch | undefined {
  if (tool === wrapperTool) return undefined
  const touches = [...hostToolTouches(tool, params), ...paramTouches(tool, { params: withoutCommands(tool, params), paths }, surroundings)]
  if (tool !== nodesTool) touches.push(...commandTouches(params, shellTools.test(tool) ? typedNames : commandNames, surroundings))
  if (codeTools.test(tool)) for (const text of textsOf(params, ["code", "script", "input", "source"])) touches.push(...scriptTouches(text, surroundings))
  if (/patch/i.test(tool)) for (const text of textsOf(params, ["input", "patch", "diff"])) touches.push(...patchTouches(text, surroundings))
  return strongest(touches)
}

function commandTouches(params: unknown, names: readonly string[], surroundings: Surroundings): readonly Touch[] {
  const fields = objectOf(params)
  // On another machine.
  if (fields["host"] === "node") return []
  const bearings = { home: surroundings.home, cwd: surroundings.workspace }
  const workdir = stringOf(fields["workdir"]) ?? stringOf(fields["cwd"])
  const located = workdir === undefined ? undefined : locate(workdir, bearings)
  const isFresh = fields["sessionId"] === undefined
  const cwd = workdir === undefined ? (isFresh ? surroundings.workspace : undefined) : located?.from === "loose" ? undefined : located?.parts
  const variables = new Map(Object.entries(objectOf(fields["env"])).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])))
  const setsKey: readonly Touch[] = variables.has("OPENCLAW_MASTER_KEY") ? [{ what: "master key", access: "change" }] : []
  return [...setsKey, ...textsOf(params, names).flatMap((text) => shellTouches(text, surroundings, { cwd, variables }))]
}

function scriptTouches(code: string, surroundings: Surroundings): readonly Touch[] {
  const inShell: Touch[] = []
  const asShell = (text: string) => void inShell.push(...shellTouches(text, surroundings, { cwd: surroundings.workspace }))
  return [...codeTouches(code, surroundings, surroundings.workspace, asShell), ...inShell]
}

function textsOf(params: unknown, names: readonly string[]): readonly string[] {
  if (typeof params === "string") return [params.slice(0, mostCharacters)]
  const fields = objectOf(params)
  return names.flatMap((name) => {
    const value = fields[name]
    const text = Array.isArray(value)
      ? value
          .filter((part) => typeof part === "string")
          .map(asWord)
          .join(" ")
      : value
    return typeof text === "string" ? [text.slice(0, mostCharacters)] : []
  })
}

/** A word of a list of arguments, as a shell would be told it. */
function asWord(word: string): string {
  return /^[\w./~:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function withoutCommands(tool: string, params: unknown): unknown {
  const names = shellTools.test(tool) ? typedNames : commandNames
  return Object.fromEntries(Object.entries(objectOf(params)).filter(([name]) => !names.includes(name)))
}

/** What surrounds a gateway, with every path by its other names too: where a link leads. `realPathOf` answers the path itself when it is not there. */
export function surroundingsFollowed(paths: ProtectedPaths, realPathOf: (path: string) => string): Surroundings {
  const links = Object.values(paths).flatMap((path) => (typeof path === "string" ? [{ path, realPath: realPathOf(path) }] : []))
  return withAlso(surroundingsOf(paths), links)
}

/** The same paths by their other names: where a link leads. */
export function withAlso(surroundings: Surroundings, others: readonly { readonly path: string; readonly realPath: string }[]): Surroundings {
  const more = surroundings.places.flatMap((place) =>
    others.flatMap(({ path, realPath }) =>
      path !== realPath && partsOf(path).join("/") === place.parts.join("/") ? [{ what: place.what, parts: partsOf(realPath) }] : [],
    ),
  )
  return { ...surroundings, places: [...surroundings.places, ...more] }
}
