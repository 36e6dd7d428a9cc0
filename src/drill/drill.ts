/**
 * A drill: every crime of the list, one after the other, on a copy of the ledger that is put back before each, and what the real verification says of it.
 * The ledger itself is only read.
 */
import { closingOf } from "../journal/closing.ts"
import { parseSignedCheckpoint } from "../format/checkpoint.ts"
import { verifyStore } from "../journal/verify-store.ts"
import type { ScopeStore } from "../vault/scopes.ts"
import type { MasterSecret } from "../vault/master-key.ts"
import type { VerifyReport } from "../verify/verdict.ts"
import { chanceOf } from "./chance.ts"
import type { Crime, Holding, Scene } from "./crime.ts"
import { crimes } from "./crime-list.ts"
import { judge, verifyCopy, type Judgement, type JudgeOptions, type NamedRange, type Verifier } from "./judgement.ts"
import { StoreCopy, type CopiedLedger } from "./store-copy.ts"

export type DrilledLedger = CopiedLedger & { readonly scopes: ScopeStore | undefined }

export type DrillOptions = {
  readonly secret: MasterSecret
  readonly seed: number
  /** Leaves the private directory with the copy where it is. */
  readonly keep: boolean
  /** The verification that is put to the test. */
  readonly verify?: Verifier
  /** Where the private directory is made; the system's temporary one by default. */
  readonly parent?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (done: number, total: number) => void
}

export type CrimeReport = {
  readonly name: string
  readonly words: string
  readonly holds: Holding
  readonly foundBy: string
  readonly outcome: "found" | "not found" | "skipped"
  /** What verification said, or why the crime was skipped. */
  readonly sentence: string
  /** Sequences that verification named, inclusive; none where all it could say was that a file is damaged. */
  readonly named: readonly NamedRange[]
  /** How often it was committed. */
  readonly times: number
}

export type DrillReport = {
  /** `not begun`: the ledger itself is not valid, as `before` says. `stopped`: from outside, before the end. */
  readonly state: "all found" | "not all found" | "not begun" | "stopped"
  readonly seed: number
  /** Of the untouched copy. */
  readonly before: VerifyReport
  /** The copy, where it was kept. */
  readonly kept: string | null
  readonly crimes: readonly CrimeReport[]
}

export async function drill(ledger: DrilledLedger, options: DrillOptions): Promise<DrillReport> {
  const copy = new StoreCopy(ledger, options.parent)
  try {
    const { secret, verify = verifyStore } = options
    const judging: JudgeOptions = { verify, keys: ledger.keys, secret }
    const before = verifyCopy(copy, judging)
    const told = { seed: options.seed, before, kept: options.keep ? copy.root : null }
    if (!before.verdict.startsWith("valid")) return { ...told, state: "not begun", crimes: [] }
    const scene = sceneOf(copy, ledger, options, before)
    const [[newest] = []] = copy.rows("SELECT note FROM checkpoints WHERE size = ?", before.covered)
    const against = [{ text: String(newest), where: "the checkpoint kept elsewhere" }]
    const reports: CrimeReport[] = []
    for (const crime of crimes) {
      options.onProgress?.(reports.length, crimes.length)
      await new Promise(setImmediate) // so that a signal is heard
      if (options.signal?.aborted) return { ...told, state: "stopped", crimes: reports }
      reports.push(committed(crime, scene, crime.against ? { ...judging, against } : judging))
    }
    options.onProgress?.(crimes.length, crimes.length)
    return { ...told, state: reports.some(({ outcome }) => outcome === "not found") ? "not all found" : "all found", crimes: reports }
  } finally {
    copy.putBack()
    if (!options.keep) copy.remove()
  }
}

function committed({ name, words, holds, foundBy, times = 1, commit, judge: ownJudge }: Crime, scene: Scene, judging: JudgeOptions): CrimeReport {
  const told = { name, words, holds, foundBy }
  let first: Judgement | undefined
  for (let time = 0; time < times; time++) {
    scene.copy.putBack()
    const cannot = commit(scene, time)
    if (cannot !== undefined) return { ...told, outcome: "skipped", sentence: cannot, named: [], times: 0 }
    const judgement = ownJudge ? ownJudge(scene) : judge(scene.copy, judging)
    if (!judgement.found) return { ...told, outcome: "not found", sentence: judgement.sentence, named: judgement.named, times: time + 1 }
    first ??= judgement
  }
  return { ...told, outcome: "found", sentence: first?.sentence ?? "", named: first?.named ?? [], times }
}

function sceneOf(copy: StoreCopy, { keys, scopes, reader }: DrilledLedger, { secret, seed }: DrillOptions, before: VerifyReport): Scene {
  const note = copy.read("headNote")
  const closing = closingOf(reader)
  return {
    copy,
    keys,
    secret,
    size: before.to + 1,
    closing,
    covered: before.covered,
    noted: (note === undefined ? undefined : parseSignedCheckpoint(note)?.size) ?? 0,
    checkpoints: copy
      .rows("SELECT size FROM checkpoints ORDER BY size")
      .map(([size]) => Number(size))
      .filter((size) => size > (closing?.sequence ?? 0)),
    chance: chanceOf(seed),
    opens: (scopeId) => typeof (scopes?.byId(scopeId) ?? "erased") === "object",
  }
}
