/** Whether a path leads to one of the places, or to a directory above them from which an operation reaches them. */
import { canBe, isAnything, unknownText, type Located } from "./path-text.ts"
import { pluginName, type Place, type Surroundings } from "./surroundings.ts"
import { strongest, type Access, type Touch, type Touchable } from "./touch.ts"

/**
 * How far an operation reaches. `below`: from which directories above a place it gets there: from none, from the host's state directory and
 * what is in it, or from any directory there is. Whoever searches a home directory means something else; whoever copies it takes us along.
 */
export type Reach = { readonly access: Access; readonly below: "none" | "state" | "any" }

export const reads: Reach = { access: "read", below: "none" }
export const searches: Reach = { access: "read", below: "state" }
export const copies: Reach = { access: "read", below: "any" }
export const changes: Reach = { access: "change", below: "none" }
export const movesDirectory: Reach = { access: "change", below: "state" }
export const changesTree: Reach = { access: "change", below: "any" }

/** Files of a data directory, as they are called everywhere. */
const storeFiles = ["journal.db", "scopes.db", "views.db", "keys.json", "writer.lock.sqlite", "writer.sock", "runtime"]
const headNoteName = `${pluginName}.head.note`

export function touchAt(located: Located, reach: Reach, surroundings: Surroundings): Touch | undefined {
  const ofProcess = processFile(located.parts)
  if (ofProcess) return { what: ofProcess, access: reach.access }
  if (located.from === "loose") return touched(looseEnd(located.parts, surroundings, true), reach)
  const found = surroundings.places.filter((place) => reaches(located.parts, place, reach, surroundings))
  const best = strongest(found.map(({ what }) => ({ what, access: reach.access })))
  if (best || located.from === "root") return best
  // A directory that was entered in an earlier command may be another than the one we take it to be.
  return touched(looseEnd(located.parts, surroundings, false), reach)
}

function touched(what: Touchable | undefined, { access }: Reach): Touch | undefined {
  return what === undefined ? undefined : { what, access }
}

/** `/proc/<any>/environ` and the memory beside it. */
function processFile(parts: readonly string[]): Touchable | undefined {
  if (parts[0] !== "proc" || parts.length < 3) return undefined
  const last = parts.at(-1) ?? ""
  if (canBe(last, "environ") && !isAnything(last)) return "gateway environment"
  return last === "mem" ? "gateway process" : undefined
}

function reaches(parts: readonly string[], place: Place, reach: Reach, surroundings: Surroundings): boolean {
  const deep = parts.indexOf("**")
  if (deep >= 0) return reachesDeep(parts.slice(0, deep), parts.at(-1) ?? "", place, reach, surroundings)
  const common = Math.min(parts.length, place.parts.length)
  for (let i = 0; i < common; i++) if (!isName(parts, i, place)) return false
  return parts.length >= place.parts.length || isAbove(parts, reach, surroundings)
}

function isName(parts: readonly string[], at: number, place: Place): boolean {
  const part = parts[at] ?? ""
  // Any name at all is a match only where what follows is a name of ours.
  if (part === unknownText) return isStoreFile(parts[at + 1]) && place.what === "data directory"
  return canBe(part, place.parts[at] ?? "")
}

/** From here down to the place: allowed to this operation? */
function isAbove(parts: readonly string[], { below }: Reach, { stateDirectory }: Surroundings): boolean {
  if (below === "any") return true
  return below === "state" && stateDirectory !== undefined && startsWith(parts, stateDirectory)
}

/** A pattern over all directories below `top`. */
function reachesDeep(top: readonly string[], last: string, place: Place, reach: Reach, surroundings: Surroundings): boolean {
  const common = Math.min(top.length, place.parts.length)
  for (let i = 0; i < common; i++) if (!canBe(top[i] ?? "", place.parts[i] ?? "")) return false
  if (top.length >= place.parts.length || isAbove(top, reach, surroundings)) return true
  return !isAnything(last) && (canBe(last, place.parts.at(-1) ?? "") || (place.what === "data directory" && isStoreFile(last)))
}

/** What the end of a path says when its beginning is not known. */
export function looseEnd(parts: readonly string[], surroundings: Surroundings, alone: boolean): Touchable | undefined {
  const { stateDirectory, places } = surroundings
  const keyNames = places.filter(({ what }) => what === "master key").map((place) => place.parts.at(-1) ?? "")
  const stateName = stateDirectory?.at(-1)?.startsWith(".openclaw") ? stateDirectory.at(-1) : ".openclaw"
  for (const [i, part] of parts.entries()) {
    const before = parts[i - 1] ?? ""
    if (isNamed(part, headNoteName)) return "head note"
    if (part.endsWith(".key") && keyNames.includes(part)) return "master key"
    if (isNamed(part, pluginName)) {
      if (before === ".config") return "master key"
      if (before === stateName || isStoreFile(parts[i + 1])) return "data directory"
    }
    if (alone && before === stateName && part === "openclaw.json") return "host config"
    if (alone && before === stateName && part === ".env") return "gateway environment"
  }
  return undefined
}

function isNamed(part: string, name: string): boolean {
  return part === name || (part.length > 3 && !isAnything(part) && part.startsWith(name.slice(0, 3)) && canBe(part, name))
}

function isStoreFile(part: string | undefined): boolean {
  return part !== undefined && !isAnything(part) && storeFiles.some((name) => canBe(part, name) || part.startsWith(`${name}-`))
}

function startsWith(parts: readonly string[], start: readonly string[]): boolean {
  return start.every((part, i) => canBe(parts[i] ?? "", part))
}
