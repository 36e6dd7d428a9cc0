/** Programs that reach into other processes: signals, debuggers, and listings that show environments. */
import { pluginName, type Surroundings } from "./surroundings.ts"
import type { Access, Touch, Touchable } from "./touch.ts"

const signals = new Set(["kill", "pkill", "killall", "skill"])
const debuggers = new Set(["gdb", "lldb", "strace", "ltrace", "gcore", "dtruss", "dtrace", "bpftrace", "perf", "rr", "ptrace", "procdump", "py-spy"])
const services = new Set(["systemctl", "launchctl", "service", "supervisorctl", "pm2", "rc-service", "sv"])
const inspectorSignal = /^(?:-?-?(?:signal=|s)?)?(?:sig)?usr1$|^-10$/i
/** What is asked for when the gateway's process is looked for by its name. */
const gatewayName = /openclaw|\bgateway\b|\bnode(?:js)?\b/i
const stopping = /^(?:stop|disable|mask|kill|delete|unload|bootout|remove|down|reset-failed)$/

export function processTouches(program: string, words: readonly string[], surroundings: Surroundings, pipedFrom: readonly string[] = []): readonly Touch[] {
  if (signals.has(program)) return signalTouches([...words, pipedFrom.join(" ")], surroundings)
  if (debuggers.has(program)) return attached(words, surroundings)
  if (program === "node" && words[0] === "inspect" && words.some((word) => word === "-p" || /:9229\b/.test(word))) return touch("gateway process", "change")
  if (program === "node-inspect" || program === "ndb") return touch("gateway process", "change")
  if (program === "ps" && showsEnvironments(words)) return touch("gateway environment", "read")
  if (services.has(program) && words.some((word) => stopping.test(word)) && words.some((word) => word.includes(pluginName)))
    return touch("writer process", "change")
  return []
}

function signalTouches(words: readonly string[], surroundings: Surroundings): readonly Touch[] {
  const opensInspector = words.some((word, i) => inspectorSignal.test(word) || (words[i - 1] === "-s" && /^(?:sig)?usr1$|^10$/i.test(word)))
  const targets = words.filter((word) => word !== "" && !word.startsWith("-"))
  const isWriter = targets.some((word) => word === surroundings.writerPid || word.includes(pluginName))
  if (isWriter) return touch("writer process", "change")
  const isGateway = targets.some((word) => word === surroundings.gatewayPid || word === "$PPID" || gatewayName.test(word))
  // Stopping the gateway is no secret: it is what an operator does, and it is on record. Opening its inspector is something else.
  if (!opensInspector || !isGateway) return opensInspector && hasUnknownTarget(targets, surroundings) ? touch("gateway process", "change") : []
  return touch("gateway process", "change")
}

/** The process is found out by a command of its own, and nothing says that it is another one. */
function hasUnknownTarget(targets: readonly string[], { gatewayPid }: Surroundings): boolean {
  return gatewayPid === undefined && targets.some((word) => /^\d+$/.test(word))
}

function attached(words: readonly string[], { gatewayPid, writerPid }: Surroundings): readonly Touch[] {
  const of = (pid: string | undefined) => pid !== undefined && words.some((word) => word === pid || word === `-p${pid}`)
  if (of(writerPid)) return touch("writer process", "read")
  if (of(gatewayPid) || words.includes("$PPID")) return touch("gateway process", "read")
  return []
}

/** BSD flags, which have no dash: `ps auxe`, `ps eww`. `ps -e` means something else. */
function showsEnvironments(words: readonly string[]): boolean {
  const flags = words.filter((word, i) => (i === 0 ? /^[acefghjklmnorstuvwxACHLNSTUX]{1,8}$/.test(word) && word.includes("e") : /^w*ew*$/.test(word)))
  return flags.length > 0 || words.includes("-E")
}

function touch(what: Touchable, access: Access): readonly Touch[] {
  return [{ what, access }]
}
