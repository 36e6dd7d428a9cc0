/**
 * A machine as the files under deploy/ make it, in a mount namespace of its own: its /etc, /run and /var/lib are empty but for the users and directories they
 * name, so that the unit's line and the guide's commands run as they stand. Needs root on Linux.
 */
import assert from "node:assert/strict"
import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import { dirname, join } from "node:path"
import { findTool, requireTool } from "../tools.ts"
import { onProcessEnd } from "../gateway/cleanup.ts"
import { madeDirectories, madeUsers, startWords, unitLines, valuesOf } from "../deploy-files.ts"
import { cliSource, until } from "./rig.ts"

export type Said = { readonly status: number | null; readonly stdout: string; readonly stderr: string }
/** `root` makes it so; `ledger` is the unit's user; `openclaw` the gateway's, in the group; `stranger` is in no group. */
export type User = "root" | "ledger" | "openclaw" | "stranger"

export type Service = { readonly pid: number; readonly child: ChildProcess; readonly printed: () => string; readonly stop: () => Promise<number | null> }

export type Machine = {
  readonly run: (user: User, words: readonly string[]) => Said
  readonly shell: (script: string) => string
  /** Starts the command of the unit, or of its variant, behind those of its walls that a mount namespace and setpriv can build. */
  readonly start: (unit?: string, credentials?: string) => Promise<Service>
}

const ids = { ledger: 54_321, openclaw: 54_322, stranger: 54_323 } as const
const groupId = 54_400

export function canBeMachine(): { readonly skip?: string } {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return { skip: "needs root on Linux, to run programs as other users" }
  const missing = ["setpriv", "unshare", "nsenter", "python3"].find((tool) => !findTool(tool))
  if (missing !== undefined) return requireTool(missing)
  if (spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/run"]).status !== 0) return { skip: "no file systems may be mounted here" }
  const { status } = spawnSync("setpriv", [`--reuid=${ids.stranger}`, "--clear-groups", process.execPath, "--check", cliSource])
  return status === 0 ? {} : { skip: "other users cannot read this checkout" }
}

export async function makeMachine(t: { readonly after: (end: () => void) => void }): Promise<Machine> {
  const holder = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-euc", setUp()], { stdio: ["pipe", "pipe", "inherit"] })
  const end = () => void holder.stdin.end()
  const forget = onProcessEnd(end)
  let said = ""
  holder.stdout.setEncoding("utf8").on("data", (part: string) => (said += part))
  await until(() => said === "ready\n" || holder.exitCode !== null, "the machine stands")
  assert.equal(holder.exitCode, null, "the machine could not be made")
  const within = ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`]
  const env = { PATH: `/run/bin:/usr/sbin:/usr/bin:/sbin:/bin:${process.env["PATH"]}`, HOME: "/nonexistent" }
  const services: ChildProcess[] = []
  t.after(() => {
    for (const child of services) child.kill("SIGKILL")
    end()
    forget()
  })
  const run = (user: User, words: readonly string[]): Said => {
    const as = user === "root" ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user === "ledger" ? group() : user}`, "--init-groups"]
    const [program = "", ...args] = [...within, ...as, ...words]
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env, cwd: "/" })
    return { status, stdout, stderr }
  }
  const shell = (script: string) => {
    const { status, stdout, stderr } = run("root", ["sh", "-euc", script])
    assert.deepEqual([status, stderr], [0, ""], script)
    return stdout
  }
  const start: Machine["start"] = async (unit, credentials) => {
    const [program = "", ...args] = [...within, ...behindWalls(startWords(unit).map((word) => word.replace("%d", credentials ?? "%d")))]
    const child = spawn(program, args, { env: { ...env, ...(credentials ? { CREDENTIALS_DIRECTORY: credentials } : {}) }, cwd: "/" })
    services.push(child)
    let printed = ""
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (printed += part))
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
    await until(() => printed.includes("is ready") || child.exitCode !== null, "the service is ready")
    assert.match(printed, /^The writer of \S+ is ready \(pid \d+\)\.\n$/)
    return {
      pid: Number(/pid (\d+)/.exec(printed)?.[1]),
      child,
      printed: () => printed,
      stop: () => {
        child.kill("SIGTERM")
        return ended
      },
    }
  }
  return { run, shell, start }
}

function group(): string {
  return madeUsers().groups[0] ?? ""
}

/** Ends when its standard input does. */
function setUp(): string {
  const users = Object.entries(ids).map(([name, id]) => `${name}:x:${id}:${name === "ledger" ? groupId : id}::/nonexistent:/usr/sbin/nologin`)
  const groups = [`${group()}:x:${groupId}:openclaw`, ...Object.entries(ids).map(([name, id]) => `${name}:x:${id}:`)]
  return `for place in /etc /run /var/lib; do mount -t tmpfs -o mode=0755 tmpfs $place; done
printf '%s\\n' root:x:0:0::/:/bin/sh ${users.join(" ")} > /etc/passwd
printf '%s\\n' root:x:0: ${groups.join(" ")} > /etc/group
mkdir /run/bin
mkdir -m 1777 /run/anybody
printf '#!/bin/sh\\nexec "%s" --no-warnings "%s" "$@"\\n' '${process.execPath}' '${cliSource}' > /run/bin/sovereign-ledger
chmod 755 /run/bin/sovereign-ledger
${madeDirectories()
  .map(({ path, mode, user, group }) => `mkdir ${path}; chown ${user}:${group} ${path}; chmod ${mode.toString(8)} ${path}`)
  .join("\n")}
echo ready
exec cat`
}

/** ProtectSystem=strict with its exceptions, NoNewPrivileges, no capabilities, UMask, User and Group. */
function behindWalls(words: readonly string[]): readonly string[] {
  const unit = unitLines()
  const value = (name: string) => valuesOf(unit, name)[0] ?? assert.fail(`the unit has no ${name}`)
  assert.deepEqual([value("ProtectSystem"), value("NoNewPrivileges")], ["strict", "yes"])
  const readOnly = `for place in ${value("ReadWritePaths")}; do mount --bind $place $place; done
for place in / /etc /run /var/lib; do mount -o remount,bind,ro $place; done
umask ${value("UMask")}
exec "$@"`
  const as = ["setpriv", `--reuid=${value("User")}`, `--regid=${value("Group")}`, "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
  return ["unshare", "--mount", "--propagation", "private", "sh", "-euc", readOnly, "sh", ...as, ...words]
}

/** A checkout's own place, from inside. */
export const nearby = (name: string): string => join(dirname(import.meta.filename), name)
