/** The process of `test/commands/command-process.ts`: takes a command as a message, runs it as the command line does, and answers with what it said. */
import { existsSync, readFileSync } from "node:fs"
import { enableCompileCache } from "node:module"
import { join } from "node:path"
import { sourcesStamp } from "../../scripts/sources-stamp.mjs"

const root = join(import.meta.dirname, "../..")
const bundle = join(root, "dist/test/main.mjs")
const stamp = `${bundle}.stamp`
enableCompileCache(join(root, "node_modules/.cache/compile"))
const isCurrent = existsSync(bundle) && existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesStamp()
const { main } = await import(isCurrent ? bundle : join(root, "src/main.ts"))

// What a command starts by itself, it starts from the file it was started with.
process.argv[1] = join(root, "test/cli.mjs")
const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }))

/** Of this process: what a command leaves here, every one that listens for the same leaves, too. */
const listeners = () =>
  [process, process.stdin, process.stdout, process.stderr].flatMap((emitter) =>
    emitter.eventNames().map((name) => `${String(name)} ${emitter.listenerCount(name)}`),
  )
let before

process.on("message", async ({ args, directory, environment }) => {
  process.chdir(directory)
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  const said = ["", ""]
  for (const [at, { stream }] of streams.entries()) {
    stream.write = (part, ...more) => {
      said[at] += typeof part === "string" ? part : Buffer.from(part).toString("utf8")
      more.find((each) => typeof each === "function")?.()
      return true
    }
  }
  process.exitCode = 0
  await main(args, "sovereign-ledger")
  const left = listeners().join(", ")
  // The first one loads what is loaded once.
  if (left !== (before ??= left)) said[1] += `${args.join(" ")} left listeners behind: ${left}, where there were ${before}\n`
  const exit = process.exitCode
  process.exitCode = 0
  for (const { stream, write } of streams) stream.write = write
  process.send({ exit, signal: null, stdout: said[0], stderr: said[1] })
})
process.send("ready")
