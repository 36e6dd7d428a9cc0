/**
 * Commands of many tests in one process beside them, each with the variables and the directory it would have: what a command says and does is the same, and
 * starting a process takes many times as long as what most of them do. Every eighth is started as a process of its own all the same, and so is what is asked for
 * while another one runs.
 */
import { fork, spawn, type ChildProcess } from "node:child_process"
import { join } from "node:path"
import { onProcessEnd } from "../gateway/cleanup.ts"

export type Command = { readonly args: readonly string[]; readonly directory: string; readonly environment: Readonly<Record<string, string>> }
export type Said = { readonly exit: number | null; readonly signal: NodeJS.Signals | null; readonly stdout: string; readonly stderr: string }

const cliSource = join(import.meta.dirname, "../cli.mjs")
const server = join(import.meta.dirname, "server.mjs")
const ownProcessEvery = 8

let host: { readonly child: ChildProcess; readonly ready: Promise<void> } | undefined
let isBusy = false
let asked = 0

/** Undefined where it is to be a process of its own. */
export function runBeside(command: Command): Promise<Said> | undefined {
  if (isBusy || ++asked % ownProcessEvery === 0) return undefined
  isBusy = true
  return said(command).finally(() => (isBusy = false))
}

async function said(command: Command): Promise<Said> {
  const { child, ready } = (host ??= started())
  child.ref()
  child.channel?.ref()
  try {
    await ready
    return await new Promise<Said>((resolve, reject) => {
      const ended = () => reject(new Error(`the process of commands ended in ${command.args.join(" ")}`))
      child.once("close", ended)
      child.once("message", (message) => {
        child.off("close", ended)
        resolve(message as Said)
      })
      child.send(command)
    })
  } finally {
    child.unref()
    child.channel?.unref()
  }
}

function started() {
  // Some of what is loaded looks at variables once: it may see no others than a command does.
  const env = { PATH: process.env["PATH"] ?? "" }
  const child = fork(server, { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: ["--no-warnings"], env })
  onProcessEnd(() => child.kill("SIGKILL"))
  child.once("close", () => (host = undefined))
  const ready = new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve())
    child.once("close", () => reject(new Error("the process of commands did not start")))
  })
  return { child, ready }
}

/** A command in a home that does not exist, with no variables of the host but those that are named. */
export async function runCommand(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const environment = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...variables }
  const { exit, stdout, stderr } = await (runBeside({ args, directory: process.cwd(), environment }) ?? runAlone(args, environment))
  return { status: exit, stdout, stderr }
}

function runAlone(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Said> {
  const child = spawn(process.execPath, ["--no-warnings", cliSource, ...args], { env: environment, stdio: ["ignore", "pipe", "pipe"] })
  let [stdout, stderr] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part))
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part))
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (exit, signal) => resolve({ exit, signal, stdout, stderr }))
  })
}
