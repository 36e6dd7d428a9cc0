/**
 * One process of suites, started by `scripts/test.ts`: loads the files it is given one after the other, runs them in this process,
 * and tells its parent what happens. `--gateway` ends the gateway that the suites shared; `--cpu` measures what each outermost test costs.
 */
import { inspect } from "node:util"
import { join, relative } from "node:path"
import { run } from "node:test"
import { pathToFileURL } from "node:url"
import type { Report } from "./test-report.ts"
import { treeCpuMs } from "./tree-cpu.ts"

const root = join(import.meta.dirname, "..")
const gateway = process.argv.includes("--gateway")
const cpu = process.argv.includes("--cpu")
const files = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const marks = join(import.meta.dirname, "test-marks.ts")

/** What node:test hangs on the error of a failed test. */
type TestError = Error & { readonly failureType?: string }

type Event = {
  readonly name: string
  readonly nesting: number
  readonly file?: string
  readonly line?: number
  readonly skip?: string | boolean
  readonly message?: string
  readonly details?: { readonly duration_ms: number; readonly type?: "suite" | "test"; readonly error?: TestError }
}

const known = new Set(files)
const unloaded = new Set<string>()
let pending: Report[] = []
let suite = files[0] ?? ""
let spentMs = 0

try {
  for await (const { type, data } of run({ files: [marks, ...files], isolation: "none", concurrency: false }) as AsyncIterable<{ type: string; data: Event }>) {
    if (data.name === marks) continue
    if (type === "test:pass" || type === "test:fail") finished(data)
    else if (type === "test:diagnostic" && /generated asynchronous activity/.test(data.message ?? "")) {
      send({ kind: "fail", suite: "after the tests", name: "something went on after its test had ended", message: data.message ?? "" })
    }
  }
} catch (error) {
  send({ kind: "fail", suite: named(suite), name: "the runner", message: words(error) })
}
await reportUnloaded()
await endGateway()
await new Promise<void>((resolve) => {
  if (process.send) process.send({ kind: "end" } satisfies Report, () => resolve())
  else resolve()
})
process.exit(0)

/** A suite is known by its outermost test: what a contract defines elsewhere belongs to the file that called it. */
function finished(data: Event): void {
  const report = reportOf(data)
  if (report) pending.push(report)
  if (data.nesting > 0) return
  if (data.file !== undefined && known.has(data.file)) suite = data.file
  for (const each of pending) send({ ...each, suite: named(suite) } as Report)
  pending = []
  send({ kind: "time", suite: named(suite), durationMs: data.details?.duration_ms ?? 0, ...(cpu && { cpuMs: cpuSinceLastMs() }) })
}

/** Of a process that left its parent behind (a writer) the time is lost with it. */
function cpuSinceLastMs(): number {
  const nowMs = treeCpuMs()
  const sinceMs = nowMs - spentMs
  spentMs = nowMs
  return sinceMs
}

function reportOf(data: Event): Report | undefined {
  const error = data.details?.error
  const place = data.file === undefined ? "" : `${named(data.file)}:${data.line ?? 1}`
  if (known.has(data.name)) {
    unloaded.add(data.name)
    if (!error) return { kind: "fail", suite: "", name: "no tests", message: "The file defines no test." }
    return { kind: "fail", suite: "", name: "the file does not load", message: words(error.cause ?? error) }
  }
  if (data.skip !== undefined && data.skip !== false) {
    return { kind: "skip", suite: "", name: data.name, reason: data.skip === true ? "no reason given" : String(data.skip) }
  }
  if (!error) return data.details?.type === "suite" ? undefined : { kind: "pass", suite: "" }
  if (error.failureType === "subtestsFailed") return undefined
  const cancelled = error.failureType === "cancelledByParent"
  return { kind: "fail", suite: "", name: data.name, message: cancelled ? "Not run: what it stands on failed." : `${words(error.cause ?? error)}\n(${place})` }
}

/** The message with its diff, the lines of the stack that are ours, and the causes. */
function words(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error)
  const stack = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line) && line.includes(root) && !line.includes("node_modules"))
  const places = stack.map((line) => line.trim().replace("file://", "").replace(`${root}/`, ""))
  const code = "code" in error && error.code !== "ERR_ASSERTION" ? ` [${String(error.code)}]` : ""
  const cause = error.cause === undefined ? [] : [`caused by ${words(error.cause)}`]
  return [`${error.name === "AssertionError" ? "" : `${error.name}${code}: `}${error.message}`, ...places, ...cause].join("\n")
}

/** node:test keeps quiet about a file that defined a test before it failed to load. Importing it again gives its error, or nothing. */
async function reportUnloaded(): Promise<void> {
  for (const file of files.filter((each) => !unloaded.has(each))) {
    try {
      await import(pathToFileURL(file).href)
    } catch (error) {
      send({ kind: "fail", suite: named(file), name: "the file does not load to its end", message: words(error) })
    }
  }
}

async function endGateway(): Promise<void> {
  if (!gateway) return
  try {
    const { stopSharedGateway } = await import("../test/gateway/shared-gateway.ts")
    await stopSharedGateway()
  } catch (error) {
    send({ kind: "fail", suite: named(suite), name: "stopping the shared gateway", message: words(error) })
  }
}

function named(file: string): string {
  return relative(root, file).replaceAll("\\", "/")
}

function send(report: Report): void {
  process.send?.(report)
}
