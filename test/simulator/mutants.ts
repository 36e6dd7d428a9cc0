/** Copies of the sources with one place changed, and whether a run of the simulator over such a copy notices. */
import { spawn } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { PlantedBug } from "./planted-bug.ts"
import { failedStatus } from "./simulate.ts"

const root = join(import.meta.dirname, "../..")

/** What a run of the simulator needs, in a directory of its own. */
export function copyOfSources(): string {
  const directory = mkdtempSync(join(tmpdir(), "sl-mutants-"))
  for (const part of ["src", "test/simulator", "test/gate-simulator", "test/orchestrator-simulator", "package.json"])
    cpSync(join(root, part), join(directory, part), { recursive: true })
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"))
  return directory
}

export type Caught = { readonly isCaught: boolean; readonly said: string; readonly tookMs: number }

/** Whether the simulator fails within so many schedules with the bug in the copy, which is as it was afterwards. */
export async function caught(directory: string, { file, from, to }: PlantedBug, schedules: number, program = "test/simulator/run.ts"): Promise<Caught> {
  const path = join(directory, file)
  const text = readFileSync(path, "utf8")
  const places = text.split(from).length - 1
  if (places !== 1) throw new Error(`${JSON.stringify(from)} stands ${places} times in ${file}`)
  const begun = performance.now()
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  try {
    const { status, said } = await run(join(directory, program), ["--schedules", String(schedules)])
    return { isCaught: status === failedStatus, said, tookMs: performance.now() - begun }
  } finally {
    writeFileSync(path, text)
  }
}

function run(program: string, args: readonly string[]): Promise<{ readonly status: number | null; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--no-warnings", program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    const hear = (part: Buffer) => (said = (said + part.toString("utf8")).slice(-4_000))
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.once("error", reject)
    child.once("close", (status) => resolve({ status, said }))
  })
}
