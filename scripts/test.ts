/**
 * `npm test`: lint, format, types, generated files, then every suite. Started under Node 24 by scripts/bootstrap.mjs.
 *
 * All gateway suites run in one process, where they share a gateway, and two others beside it take parts of the rest, those of the writer first, until there is nothing left.
 * Whatever has no gateway gives way to the one that has, which has little patience: much of the time of each is
 * waiting, and three fill two processors. A process that dies, hangs or leaves a suite out fails the suites it did not finish: a test that was not run is never counted as one that passed.
 */
import { fork, spawn } from "node:child_process"
import { globSync } from "node:fs"
import { setPriority } from "node:os"
import { join, relative } from "node:path"
import { parseArgs } from "node:util"
import { installMissingTools } from "./system-tools.ts"
import { bundleForTests } from "./test-bundle.ts"
import { marksDescriptor, type Report } from "./test-report.ts"

const root = join(import.meta.dirname, "..")
const usage = `Usage: npm test -- [--only PATTERN]... [--no-gateway] [--cpu] [--list]

  --only PATTERN  run only checks and suites whose name contains PATTERN (repeatable)
  --no-gateway    leave out the suites that start an OpenClaw gateway
  --cpu           tell what each suite costs in processor time, that of the processes it starts included
  --list          print the names of what would run
`

const checks: Readonly<Record<string, readonly string[]>> = {
  lint: ["node_modules/oxlint/bin/oxlint", "--deny-warnings"],
  format: ["node_modules/oxfmt/bin/oxfmt", "--check"],
  types: ["node_modules/typescript/bin/tsc", "-p", "."],
  "types of the page": ["node_modules/typescript/bin/tsc", "-p", "src/desk"],
  generated: ["scripts/generate.ts", "--check"],
}

/** Suites start programs from their sources again and again, dozens of times the same ones: compiled once, each starts in a third of the time. */
const compileCache = join(root, "node_modules/.cache/compile")

/** What runs beside a gateway has a third of its weight: the programs it starts have its priority. */
const givesWay = 5

/** Longest silence of a process of suites before it is taken for hung. */
const silenceMs = 300_000

type Suite = { readonly name: string; passed: number; failed: number; skipped: number; timeMs: number; cpuMs: number; readonly words: string[] }
type Group = "plain" | "gateway" | "writer"
type Batch = { readonly group: Group; readonly names: readonly string[] }

/** Suites without a gateway are dealt out in so many parts: as long as the last of them takes, the other processor may have nothing to do. */
const parts = { writer: 3, plain: 8 }

const finished: Suite[] = []

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const options = parsed(args)
  if (!options) return 2
  if (options.help) return print(usage.trimEnd())
  const wanted = (name: string) => options.only.length === 0 || options.only.some((pattern) => name.toLowerCase().includes(pattern.toLowerCase()))
  const checkNames = Object.keys(checks).filter(wanted)
  const suites = globSync("test/**/*.test.ts", { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter(wanted)
    .sort()
  const under = (directory: string) => suites.filter((name) => name.startsWith(directory))
  const writer = under("test/writer/")
  const gateway = options.gateway ? under("test/gateway/") : []
  const plain = suites.filter((name) => !writer.includes(name) && !name.startsWith("test/gateway/"))
  const names = [...checkNames, ...plain, ...gateway, ...writer]
  if (options.list) return print(names.join("\n"))
  if (names.length === 0) return print(`Nothing is named ${options.only.join(" or ")}; --list shows every name.`, 2)

  // Checks need no tools.
  const tools = process.env["CI"] === "true" ? installMissingTools() : undefined
  if (names.length > checkNames.length) await bundleForTests()
  await Promise.all([tools, ...checkNames.map(check)])
  const run = ({ group, names }: Batch) => runGroup(group, names, options.cpu)
  const left: Batch[] = [...dealt("writer", writer, parts.writer), ...dealt("plain", plain, parts.plain)]
  const rest = async (): Promise<void> => {
    for (let batch = left.shift(); batch; batch = left.shift()) await run(batch)
  }
  await Promise.all([rest(), rest(), run({ group: "gateway", names: gateway }).then(rest)])
  return summary(options.cpu)
}

function dealt(group: Group, names: readonly string[], count: number): Batch[] {
  return Array.from({ length: count }, (_, part) => ({ group, names: names.filter((_name, index) => index % count === part) }))
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string", multiple: true },
        "no-gateway": { type: "boolean" },
        cpu: { type: "boolean" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    })
    const { only = [], cpu = false, list = false, help = false } = values
    return { only, gateway: values["no-gateway"] !== true, cpu, list, help }
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    return undefined
  }
}

async function check(name: string): Promise<void> {
  const startedMs = performance.now()
  const child = spawn(process.execPath, [...(checks[name] ?? [])], { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
  const output = collect(child.stdout, child.stderr)
  const status = await new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message))
    child.once("close", (code, signal) => resolve(code ?? signal ?? "ended"))
  })
  const suite = newSuite(name)
  suite.timeMs = performance.now() - startedMs
  if (status === 0) suite.passed = 1
  else fail(suite, "", output() || `ended with ${status}`)
  close(suite)
}

async function runGroup(group: Group, names: readonly string[], cpu: boolean): Promise<void> {
  if (names.length === 0) return
  const files = names.map((name) => join(root, name))
  const flags = [...(group === "gateway" ? ["--gateway"] : []), ...(cpu ? ["--cpu"] : [])]
  const child = fork(join(root, "scripts/test-process.ts"), [...flags, ...files], {
    cwd: root,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
  })
  if (group !== "gateway" && child.pid !== undefined) setPriority(child.pid, givesWay)
  const output = collect(child.stdout, child.stderr)
  const waiting = [...names]
  let current: Suite | undefined
  let orderly = false
  let hung = false
  const giveUp = (): void => {
    hung = true
    child.kill("SIGTERM")
    setTimeout(() => child.kill("SIGKILL"), 15_000).unref()
  }
  let watchdog = setTimeout(giveUp, silenceMs)

  const suiteNamed = (name: string): Suite => {
    if (current?.name === name) return current
    if (current) close(current)
    const at = waiting.indexOf(name)
    if (at >= 0) waiting.splice(at, 1)
    current = newSuite(name)
    return current
  }
  const marks = collect(child.stdio[marksDescriptor] as NodeJS.ReadableStream | null)
  const alive = (): void => {
    clearTimeout(watchdog)
    if (!hung) watchdog = setTimeout(giveUp, silenceMs)
  }
  child.stdio[marksDescriptor]?.on("data", alive)
  child.on("message", (report: Report) => {
    alive()
    if (report.kind === "end") orderly = true
    else take(suiteNamed(report.suite), report)
  })
  const ended = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message))
    child.once("close", (code, signal) => resolve(signal ?? `exit status ${code}`))
  })
  clearTimeout(watchdog)
  if (current) close(current)
  const why = hung ? `nothing happened for ${silenceMs / 1000} s` : `the process ended (${ended})`
  if (!orderly || waiting.length > 0) {
    const suite = newSuite(`the process of the ${group} suites`)
    fail(suite, "", orderly ? "Some suites were not run." : `${lastMark(marks())}${why}.`)
    close(suite)
  }
  for (const name of waiting) {
    const suite = newSuite(name)
    fail(suite, "", "It was not finished.")
    close(suite)
  }
  if (finished.some((suite) => suite.failed > 0 && names.includes(suite.name)) || !orderly) printOutput(group, output())
}

/** Which test was running when the process stopped talking. */
function lastMark(marks: string): string {
  const [file, name] = (marks.split("\n").at(-1) ?? "").split("\t")
  return file ? `In ${relative(root, file)}, "${name}": ` : "Before the first test: "
}

function take(suite: Suite, report: Report): void {
  if (report.kind === "pass") suite.passed++
  else if (report.kind === "time") {
    suite.timeMs += report.durationMs
    suite.cpuMs += report.cpuMs ?? 0
  } else if (report.kind === "fail") fail(suite, report.name, report.message)
  else if (report.kind === "skip") {
    suite.skipped++
    suite.words.push(`    skipped: ${report.name} (${report.reason})`)
  }
}

function newSuite(name: string): Suite {
  return { name, passed: 0, failed: 0, skipped: 0, timeMs: 0, cpuMs: 0, words: [] }
}

function fail(suite: Suite, name: string, message: string): void {
  suite.failed++
  const title = name === "" ? [] : [`    FAILED: ${name}`]
  suite.words.push(
    [
      ...title,
      ...message
        .trimEnd()
        .split("\n")
        .map((line) => `      ${line}`),
    ].join("\n"),
  )
}

function close(suite: Suite): void {
  finished.push(suite)
  const counts = [`${suite.passed} passed`, ...(suite.failed > 0 ? [`${suite.failed} failed`] : []), ...(suite.skipped > 0 ? [`${suite.skipped} skipped`] : [])]
  print(
    `${suite.failed > 0 ? "FAIL" : "ok  "}  ${suite.name.padEnd(44)} ${counts.join(", ")}  ${seconds(suite.timeMs)}${suite.cpuMs > 0 ? `  cpu ${seconds(suite.cpuMs)}` : ""}`,
  )
  for (const words of suite.words) print(words)
}

function summary(cpu: boolean): number {
  const sum = (of: (suite: Suite) => number) => finished.reduce((total, suite) => total + of(suite), 0)
  const failed = finished.filter((suite) => suite.failed > 0)
  if (cpu) print(`\nProcessor time of all suites: ${seconds(sum((suite) => suite.cpuMs))}`)
  if (failed.length > 0) print(`\nFailed: ${failed.map((suite) => suite.name).join(", ")}`)
  print(
    `${failed.length > 0 ? "" : "\n"}${sum((suite) => suite.passed)} passed, ${sum((suite) => suite.failed)} failed, ${sum((suite) => suite.skipped)} skipped`,
  )
  return failed.length > 0 ? 1 : 0
}

/** The last 60 lines of what the tests printed: noise when all is well, a clue when it is not. */
function printOutput(group: Group, output: string): void {
  if (output !== "")
    print(
      [
        `\nPrinted by the ${group} suites (last lines):`,
        ...output
          .split("\n")
          .slice(-60)
          .map((line) => `  | ${line}`),
        "",
      ].join("\n"),
    )
}

function collect(...streams: readonly (NodeJS.ReadableStream | null)[]): () => string {
  let text = ""
  for (const stream of streams) {
    stream?.setEncoding("utf8")
    stream?.on("data", (part: string) => {
      text = (text + part).slice(-200_000)
    })
  }
  return () => text.trim()
}

function seconds(timeMs: number): string {
  return `${(timeMs / 1000).toFixed(timeMs < 10_000 ? 2 : 0)} s`
}

function print(text: string, status = 0): number {
  process.stdout.write(`${text}\n`)
  return status
}
