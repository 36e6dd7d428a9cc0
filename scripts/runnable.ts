/**
 * Finds and starts the long runs: one file each, exporting `about` (a sentence) and `run(options)`.
 * `npm run soak -- NAME` looks in test/soak/, `npm run bench -- NAME` in bench/; without NAME they say what there is.
 */
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

export type RunOptions = {
  /** Arguments after the name, but `--json`. */
  readonly args: readonly string[]
  readonly json: boolean
  /** Progress for people, on standard error, so that it never mixes with results. */
  readonly say: (words: string) => void
}

export type Runnable = {
  readonly about: string
  readonly run: (options: RunOptions) => unknown
}

const root = join(import.meta.dirname, "..")
const nameShape = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Runs what the command line names and hands its result to `show`, which answers with the exit status. */
export async function runNamed(command: string, folder: string, args: readonly string[], show: (result: unknown, json: boolean) => number): Promise<number> {
  const [name, ...rest] = args.filter((argument) => argument !== "--json")
  if (name === undefined || name === "--help" || name === "-h") return list(command, folder)
  if (!nameShape.test(name) || !existsSync(join(root, folder, `${name}.ts`))) {
    process.stderr.write(`There is no ${folder}/${name}.ts; npm run ${command} lists what there is.\n`)
    return 2
  }
  const json = args.includes("--json")
  try {
    const { run } = await load(folder, name)
    return show(await run({ args: rest, json, say: (words) => process.stderr.write(`${words}\n`) }), json)
  } catch (error) {
    process.stderr.write(`${command} ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return 1
  }
}

async function list(command: string, folder: string): Promise<number> {
  const found = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []
  const names = found.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3))
  process.stdout.write(`Usage: npm run ${command} -- NAME [arguments]\n\n`)
  for (const name of names.sort()) {
    const { about, run } = await load(folder, name)
    if (typeof run === "function") process.stdout.write(`  ${name.padEnd(20)} ${about}\n`)
  }
  if (names.length === 0) process.stdout.write(`  (nothing in ${folder}/ yet)\n`)
  return 0
}

async function load(folder: string, name: string): Promise<Runnable> {
  return (await import(pathToFileURL(join(root, folder, `${name}.ts`)).href)) as Runnable
}
