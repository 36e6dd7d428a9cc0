/**
 * Runs a TypeScript script of this repository in a fresh clone: `node scripts/bootstrap.mjs <script.ts> [arguments]`.
 *
 * The tools need Node 24, the machine may have Node 18 or 20. The repository's own development dependencies bring a
 * Node 24, so this file, plain JavaScript without imports of its own, installs them once and then runs the script on
 * that Node. Install scripts stay off, whatever npm's version and settings, but for `node`, whose script puts the binary
 * of this platform in place.
 * Words go to standard error; standard output belongs to the script.
 */
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { constants } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const modules = join(root, "node_modules")
const stampPath = join(modules, ".sovereign-ledger-install")
const nodePath = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node")
const neededVersion = [24, 16]

const remedies = [
  [/ENOSPC/, "The disk is full.", "Free about 1 GB and run the command again."],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    "The npm registry cannot be reached.",
    "Check the network or the proxy (`npm ping`) and run the command again.",
  ],
  [/EACCES|EPERM|EROFS/, "npm may not write here.", `Make ${root} and the npm cache writable for this user.`],
  [/EINTEGRITY/, "A downloaded package does not match the lock file.", "Run `npm cache verify` and try again."],
  [/EUSAGE|in sync/, "package.json and package-lock.json disagree.", "Run `npm install` and commit the lock file."],
  [/E40[134]/, "The npm registry refused or does not know a package.", "Check `npm config get registry`."],
]

await main(process.argv.slice(2))

async function main([script, ...args]) {
  if (script === undefined) fail("No script was named.", "node scripts/bootstrap.mjs <script.ts> [arguments]", 2)
  if (!existsSync(script)) fail(`There is no ${script}.`, `Run the command in ${root}.`, 2)
  const wanted = fingerprint()
  const isInstalled = existsSync(stampPath) && readFileSync(stampPath, "utf8") === wanted
  if (!isInstalled) {
    await step("Installing the dependencies (npm ci, about 850 MB)", ["ci", "--ignore-scripts"])
  }
  if (!isNewEnough(nodePath)) await step("Setting up Node 24 in node_modules", ["rebuild", "node"])
  if (!isNewEnough(nodePath)) {
    fail(`${nodePath} is missing or older than ${neededVersion.join(".")}.`, "Remove node_modules and run the command again.")
  }
  if (!isInstalled) writeFileSync(stampPath, wanted)
  run(script, args)
}

/** What the install depends on. Only a finished install carries it. */
function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`)
  for (const name of ["package-lock.json", "package.json"]) {
    try {
      hash.update(readFileSync(join(root, name)))
    } catch {
      fail(`${name} is missing in ${root}.`, "Clone the repository again, or restore the file with git.")
    }
  }
  return hash.digest("hex")
}

function isNewEnough(file) {
  const { status, stdout } = spawnSync(file, ["--version"], { encoding: "utf8" })
  if (status !== 0) return false
  const [major, minor] = stdout.trim().replace("v", "").split(".").map(Number)
  return major > neededVersion[0] || (major === neededVersion[0] && minor >= neededVersion[1])
}

/** One npm command: a line when it begins, one every ten seconds, one when it ends; its own output only on failure. */
async function step(title, args) {
  const startedMs = Date.now()
  const seconds = () => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`
  say(`${title} ...`)
  const stillThere = setInterval(() => say(`  still working, ${seconds()}`), 10_000)
  const { status, output } = await npm(args)
  clearInterval(stillThere)
  if (status === 0) return say(`  done in ${seconds()}`)
  process.stderr.write(`${shorten(output)}\n`)
  const [, problem, remedy] = remedies.find(([pattern]) => pattern.test(output)) ?? [
    undefined,
    `npm ${args[0]} failed.`,
    "npm's own words stand above. Remove node_modules and run the command again.",
  ]
  fail(problem, remedy)
}

/** npm explains its whole command line after an error; what went wrong stands in front of that. */
function shorten(output) {
  const lines = output.split("\n").filter((line) => line.trim() !== "" && line.trim() !== "npm error")
  return lines.slice(0, 25).join("\n")
}

function npm(args) {
  return new Promise((resolve) => {
    const child = spawnNpm([...args, "--loglevel=error", "--no-audit", "--no-fund"])
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text))
    const forward = forwardSignals(child)
    child.once("error", () => fail("npm was not found.", "Install npm 10 or newer (it comes with Node.js)."))
    child.once("close", (status, signal) => {
      forward.stop()
      if (signal !== null || forward.received !== undefined) process.exit(exitCode(null, signal ?? forward.received))
      resolve({ status, output })
    })
  })
}

function spawnNpm(args) {
  const options = { cwd: root, stdio: ["ignore", "pipe", "pipe"] }
  const running = process.env.npm_execpath
  // After a plain `npm install` npm runs this script on the Node in node_modules, which `npm ci` removes under our feet.
  const canRun = running !== undefined && /npm-cli\.c?js$/.test(running) && existsSync(process.execPath)
  if (canRun) return spawn(process.execPath, [running, ...args], options)
  return spawn("npm", args, { ...options, shell: process.platform === "win32" })
}

function run(script, args) {
  const env = { ...process.env, PATH: [dirname(nodePath), process.env.PATH ?? ""].join(delimiter) }
  const child = spawn(nodePath, [script, ...args], { stdio: "inherit", env })
  const forward = forwardSignals(child)
  child.once("error", (cause) => fail(`Node 24 could not be started: ${cause.message}.`, "Remove node_modules and try again."))
  child.once("close", (status, signal) => {
    forward.stop()
    process.exit(exitCode(status, signal))
  })
}

/** The child decides what a signal means; we only pass it on and wait for it. */
function forwardSignals(child) {
  const state = { received: undefined, stop: () => undefined }
  const listeners = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
    const listener = () => {
      state.received = signal
      child.kill(signal)
    }
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  state.stop = () => listeners.forEach((remove) => remove())
  return state
}

function exitCode(status, signal) {
  return status ?? 128 + (constants.signals[signal] ?? 0)
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

function fail(problem, remedy, code = 1) {
  say(`${problem}\n  ${remedy}`)
  process.exit(code)
}
