/** The files under deploy/ as tests read them: the unit, the users and directories it needs, and the same for launchd. */
import { read } from "./tidy/repository.ts"

export type UnitLine = { readonly section: string; readonly name: string; readonly value: string }
export type MadeDirectory = { readonly path: string; readonly mode: number; readonly user: string; readonly group: string }
export type MadeUser = { readonly name: string; readonly group: string; readonly home: string }

const systemd = "deploy/systemd/sovereign-ledger"

export const deployFiles = {
  unit: `${systemd}.service`,
  credential: `${systemd}.credential.conf`,
  users: `${systemd}.sysusers.conf`,
  directories: `${systemd}.tmpfiles.conf`,
  launchd: "deploy/launchd/ai.sovereign-ledger.writer.plist",
  collect: `${systemd}-collect.service`,
  collectLaunchd: "deploy/launchd/ai.sovereign-ledger.collect.plist",
  container: "deploy/container/Containerfile",
} as const

/** Settings of a unit in order, without comments (systemd.syntax(7), without continued lines). */
export function unitLines(path: string = deployFiles.unit): readonly UnitLine[] {
  let section = ""
  return linesOf(path).flatMap((line) => {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [{ section, name, value }]
  })
}

/** All values of a setting; an empty one takes back what stands before it. */
export function valuesOf(lines: readonly UnitLine[], name: string): readonly string[] {
  const values = lines.filter((line) => line.name === name).map(({ value }) => value)
  return values.slice(values.lastIndexOf("") + 1)
}

/** The words of the one command that a unit starts. */
export function startWords(path: string = deployFiles.unit): readonly string[] {
  const [line = "", ...more] = valuesOf(unitLines(path), "ExecStart")
  if (more.length > 0) throw new Error(`${path} starts more than one command`)
  return line.split(" ")
}

/** What follows a flag. */
export function afterFlag(words: readonly string[], flag: string): string {
  const at = words.indexOf(flag)
  if (at < 0) throw new Error(`${flag} is not among ${words.join(" ")}`)
  return words[at + 1] ?? ""
}

/** tmpfiles.d(5), lines of directories alone. */
export function madeDirectories(): readonly MadeDirectory[] {
  return linesOf(deployFiles.directories).map((line) => {
    const [kind, path = "", mode = "", user = "", group = "", age] = line.split(/\s+/)
    if (kind !== "d" || age !== "-") throw new Error(`a line of another kind: ${line}`)
    return { path, mode: Number.parseInt(mode, 8), user, group }
  })
}

/** sysusers.d(5): groups, and users with a group that stands above them. */
export function madeUsers(): { readonly groups: readonly string[]; readonly users: readonly MadeUser[] } {
  const lines = linesOf(deployFiles.users)
  return {
    groups: lines.flatMap((line) => /^g (\S+) -$/.exec(line)?.[1] ?? []),
    users: lines.flatMap((line) => {
      const [, name, group, home] = /^u (\S+) -:(\S+) "[^"]+" (\S+)$/.exec(line) ?? []
      return name && group && home ? [{ name, group, home }] : []
    }),
  }
}

/** The strings of an array in a property list. */
export function launchdWords(path: string = deployFiles.launchd): readonly string[] {
  const array = /<key>ProgramArguments<\/key>\s*<array>([^]*?)<\/array>/.exec(read(path))?.[1] ?? ""
  return [...array.matchAll(/<string>([^<]*)<\/string>/g)].map((match) => match[1] ?? "")
}

function linesOf(path: string): readonly string[] {
  return read(path)
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
}
